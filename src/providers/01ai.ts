/** 01.AI: the Yi models. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const zeroOneAi = openaiProvider({
  id: '01ai',
  title: '01.AI',
  env: ['YI_API_KEY'],
  address: 'https://api.lingyiwanwu.com',
  speaks: {
    'openai-chat': { verified: false },
  },
  models: '/models',
  keyUrl: 'https://platform.lingyiwanwu.com/apikeys',
  docs: [
    {
      title: 'API Evangelist: 01.AI',
      url: 'https://raw.githubusercontent.com/api-evangelist/01-ai/refs/heads/main/apis.yml',
      read: '2026-11-27',
    },
    {
      title: 'LangChain: ChatYi',
      url: 'https://docs.langchain.com/oss/python/integrations/chat/yi',
      read: '2026-11-27',
    },
  ],
})
