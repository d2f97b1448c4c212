/** Volcengine Ark: Doubao and other models. Reasoning has a switch and levels. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const volcengine = openaiProvider({
  id: 'volcengine',
  title: 'Volcengine Ark',
  env: ['ARK_API_KEY'],
  address: 'https://ark.cn-beijing.volces.com',
  version: '/api/v3',
  messagesAuth: 'bearer',
  speaks: {
    'openai-chat': {
      verified: true,
      spelling: { reasoning: { switch: 'thinking.type', effort: 'reasoning_effort' } },
    },
    'openai-responses': { verified: false },
    'anthropic-messages': { verified: false, path: '/api/v3/compatible/v1/messages' },
  },
  embeddings: { verified: true },
  keyUrl: 'https://console.volcengine.com/ark',
  docs: [
    { title: 'API 调用指南', url: 'https://www.volcengine.com/docs/82379/1263482', read: '2026-11-27' },
    {
      title: 'ChatModel - ARK',
      url: 'https://cloudwego.io/docs/eino/ecosystem/chat_model/chat_model_ark',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: volcengine',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/volcengine/provider.toml',
      read: '2026-11-27',
    },
    { title: '文本向量化 API', url: 'https://volcengine.com/docs/82379/1302003', read: '2026-11-27' },
  ],
})
