/** Featherless: thousands of open models. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const featherless = openaiProvider({
  id: 'featherless',
  title: 'Featherless',
  env: ['FEATHERLESS_API_KEY'],
  address: 'https://api.featherless.ai',
  speaks: {
    'openai-chat': { verified: false },
  },
  keyUrl: 'https://featherless.ai/account/api-keys',
  docs: [
    {
      title: 'models.dev: featherless',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/featherless/provider.toml',
      read: '2026-11-27',
    },
  ],
})
