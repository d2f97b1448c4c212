/** Baseten's Model APIs: open models at one address. Deployments of one's own have addresses of their own: `base_url`. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const baseten = openaiProvider({
  id: 'baseten',
  title: 'Baseten',
  env: ['BASETEN_API_KEY'],
  address: 'https://inference.baseten.co',
  speaks: {
    'openai-chat': { verified: true },
  },
  prices: 'baseten',
  models: '/models',
  keyUrl: 'https://app.baseten.co/settings/api_keys',
  docs: [
    {
      title: 'Chat Completions',
      url: 'https://docs.baseten.co/reference/inference-api/chat-completions',
      read: '2026-11-27',
    },
    { title: 'Quickstart', url: 'https://docs.baseten.co/quickstart', read: '2026-11-27' },
  ],
})
