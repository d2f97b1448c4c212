/** Scaleway's Generative APIs. The account's secret key is for much else, so it turns nothing on. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const scaleway = openaiProvider({
  id: 'scaleway',
  title: 'Scaleway',
  env: ['SCALEWAY_API_KEY', 'SCW_SECRET_KEY'],
  optIn: true,
  address: 'https://api.scaleway.ai',
  speaks: {
    'openai-chat': { verified: true },
    'openai-responses': { verified: true },
  },
  embeddings: { verified: true },
  models: '/models',
  keyUrl: 'https://console.scaleway.com/iam/api-keys',
  docs: [
    {
      title: 'Using Chat API',
      url: 'https://www.scaleway.com/en/docs/generative-apis/api-cli/using-chat-api',
      read: '2026-11-27',
    },
    {
      title: 'Generative APIs API',
      url: 'https://www.scaleway.com/en/developers/api/generative-apis',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: scaleway',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/scaleway/provider.toml',
      read: '2026-11-27',
    },
    {
      title: 'Using Embeddings API',
      url: 'https://www.scaleway.com/en/docs/generative-apis/api-cli/using-embeddings-api.md',
      read: '2026-11-27',
    },
  ],
})
