/** Crusoe's managed inference. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const crusoe = openaiProvider({
  id: 'crusoe',
  title: 'Crusoe',
  env: ['CRUSOE_API_KEY'],
  address: 'https://api.inference.crusoecloud.com',
  speaks: {
    'openai-chat': { verified: false },
  },
  keyUrl: 'https://console.crusoecloud.com',
  docs: [
    {
      title: 'models.dev: crusoe',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/crusoe/provider.toml',
      read: '2026-11-27',
    },
  ],
})
