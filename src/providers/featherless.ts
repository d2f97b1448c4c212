/** Featherless: thousands of open models. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const featherless = openaiProvider({
  id: 'featherless',
  title: 'Featherless',
  env: ['FEATHERLESS_API_KEY'],
  address: 'https://api.featherless.ai',
  speaks: {
    'openai-chat': { verified: true },
    'openai-completions': { verified: true },
  },
  keyUrl: 'https://featherless.ai/account/api-keys',
  docs: [
    {
      title: 'Overview and common options',
      url: 'https://featherless.ai/docs/api-overview-and-common-options',
      read: '2026-11-27',
    },
    { title: 'Completions Endpoints', url: 'https://featherless.ai/docs/completions', read: '2026-11-27' },
  ],
})
