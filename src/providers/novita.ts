/** Novita AI: open models, some of them in Anthropic's protocol as well. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const novita = openaiProvider({
  id: 'novita',
  title: 'Novita AI',
  env: ['NOVITA_API_KEY'],
  address: 'https://api.novita.ai',
  version: '/openai/v1',
  messagesAuth: 'bearer',
  speaks: {
    'openai-chat': { verified: true },
    'anthropic-messages': { verified: true, path: '/anthropic/v1/messages' },
  },
  embeddings: { verified: true },
  rerank: { verified: true },
  prices: 'novita',
  models: '/models',
  keyUrl: 'https://novita.ai/settings/key-management',
  docs: [
    {
      title: 'Create chat completion',
      url: 'https://novita.ai/docs/api-reference/model-apis-llm-create-chat-completion.md',
      read: '2026-11-27',
    },
    {
      title: 'Anthropic SDK Compatibility',
      url: 'https://novita.ai/docs/guides/llm-anthropic-compatibility',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: novita-ai',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/novita-ai/provider.toml',
      read: '2026-11-27',
    },
    {
      title: 'Create embeddings',
      url: 'https://novita.ai/docs/api-reference/model-apis-llm-create-embeddings',
      read: '2026-11-27',
    },
    {
      title: 'Create rerank',
      url: 'https://novita.ai/docs/api-reference/model-apis-llm-create-rerank',
      read: '2026-11-27',
    },
  ],
})
