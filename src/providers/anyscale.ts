/** Anyscale: models served by a cluster of one's own. The shared address ended on 2024-08-01, so each service has its own. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const anyscale = openaiProvider({
  id: 'anyscale',
  title: 'Anyscale',
  env: ['ANYSCALE_API_KEY'],
  optIn: true,
  speaks: {
    'openai-chat': { verified: true },
  },
  models: '/models',
  keyUrl: 'https://console.anyscale.com',
  docs: [
    {
      title: 'Model deprecations',
      url: 'https://docs.anyscale.com/endpoints/text-generation/deprecations',
      read: '2026-11-27',
    },
    {
      title: 'OpenAI migration guide',
      url: 'https://docs.anyscale.com/endpoints/model-serving/openai-migration-guide',
      read: '2026-11-27',
    },
  ],
})
