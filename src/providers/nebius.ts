/** Nebius Token Factory, formerly AI Studio: open models. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const nebius = openaiProvider({
  id: 'nebius',
  title: 'Nebius Token Factory',
  env: ['NEBIUS_API_KEY'],
  address: 'https://api.tokenfactory.nebius.com',
  speaks: {
    'openai-chat': { verified: true },
  },
  embeddings: { verified: false },
  models: '/models',
  keyUrl: 'https://tokenfactory.nebius.com',
  docs: [
    {
      title: 'API introduction',
      url: 'https://docs.tokenfactory.nebius.com/api-reference/introduction',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: nebius',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/nebius/provider.toml',
      read: '2026-11-27',
    },
    {
      title: 'Nebius (embedder)',
      url: 'https://docs.agno.com/reference/knowledge/embedder/nebius.md',
      read: '2026-11-27',
    },
  ],
})
