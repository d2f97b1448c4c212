/** Writer: the Palmyra models. Its chat has OpenAI's form at a path of its own. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const writer = openaiProvider({
  id: 'writer',
  title: 'Writer',
  env: ['WRITER_API_KEY'],
  address: 'https://api.writer.com',
  speaks: {
    'openai-chat': { verified: false, path: '/v1/chat' },
  },
  keyUrl: 'https://app.writer.com/aistudio',
  docs: [
    {
      title: 'LangChain: ChatWriter',
      url: 'https://docs.langchain.com/oss/python/integrations/chat/writer',
      read: '2026-11-27',
    },
  ],
})
