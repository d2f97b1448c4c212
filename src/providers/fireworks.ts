/** Fireworks AI: open models in all three protocols. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const fireworks = openaiProvider({
  id: 'fireworks',
  title: 'Fireworks AI',
  env: ['FIREWORKS_API_KEY'],
  address: 'https://api.fireworks.ai',
  version: '/inference/v1',
  speaks: {
    'openai-chat': { verified: true },
    'openai-responses': { verified: true },
    'openai-completions': { verified: false },
    'anthropic-messages': { verified: true },
  },
  embeddings: { verified: true },
  prices: 'fireworks',
  models: '/models',
  keyUrl: 'https://app.fireworks.ai/settings/users/api-keys',
  keyPrefixes: ['fw_'],
  docs: [
    { title: 'APIs and SDKs', url: 'https://docs.fireworks.ai/nexus/apis-and-sdks', read: '2026-11-27' },
    {
      title: 'Anthropic compatibility',
      url: 'https://docs.fireworks.ai/tools-sdks/anthropic-compatibility',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: fireworks-ai',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/fireworks-ai/provider.toml',
      read: '2026-11-27',
    },
    {
      title: 'Embeddings & Reranking',
      url: 'https://docs.fireworks.ai/guides/querying-embeddings-models',
      read: '2026-11-27',
    },
  ],
})
