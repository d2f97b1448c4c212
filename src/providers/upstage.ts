/** Upstage: the Solar models. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const upstage = openaiProvider({
  id: 'upstage',
  title: 'Upstage',
  env: ['UPSTAGE_API_KEY'],
  address: 'https://api.upstage.ai',
  speaks: {
    'openai-chat': { verified: true },
  },
  embeddings: { verified: false },
  keyUrl: 'https://console.upstage.ai/api-keys',
  docs: [
    { title: 'API keys', url: 'https://console.upstage.ai/api-keys?api=chat-reasoning', read: '2026-11-27' },
    {
      title: 'models.dev: upstage',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/upstage/provider.toml',
      read: '2026-11-27',
    },
    { title: 'What are embeddings?', url: 'https://console.upstage.ai/docs/capabilities/embed', read: '2026-11-27' },
  ],
})
