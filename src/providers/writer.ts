/** Writer: the Palmyra models. Its chat has OpenAI's form at a path of its own. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const writer = openaiProvider({
  id: 'writer',
  title: 'Writer',
  env: ['WRITER_API_KEY'],
  address: 'https://api.writer.com',
  speaks: {
    'openai-chat': { verified: true, path: '/v1/chat' },
  },
  keyUrl: 'https://app.writer.com/aistudio',
  docs: [
    {
      title: 'Chat completion',
      url: 'https://dev.writer.com/api-reference/completion-api/chat-completion',
      read: '2026-11-27',
    },
  ],
})
