/** Parasail: open models. An effort of none switches reasoning off. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const parasail = openaiProvider({
  id: 'parasail',
  title: 'Parasail',
  env: ['PARASAIL_API_KEY'],
  address: 'https://api.parasail.io',
  speaks: {
    'openai-chat': { verified: false, spelling: { reasoning: { effort: 'reasoning_effort' } } },
  },
  models: '/models',
  keyUrl: 'https://www.saas.parasail.io/keys',
  docs: [
    {
      title: 'models.dev: parasail',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/parasail/provider.toml',
      read: '2026-11-27',
    },
  ],
})
