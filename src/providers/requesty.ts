/** Requesty: the models of many providers behind one address. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const requesty = openaiProvider({
  id: 'requesty',
  title: 'Requesty',
  env: ['REQUESTY_API_KEY'],
  address: 'https://router.requesty.ai',
  speaks: {
    'openai-chat': { verified: false },
  },
  models: '/models',
  keyUrl: 'https://app.requesty.ai/api-keys',
  docs: [
    {
      title: 'Semantic Router: Requesty',
      url: 'https://docs.aurelio.ai/docs/semantic-router/v0/client-reference/llms/requesty',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: requesty',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/requesty/provider.toml',
      read: '2026-11-27',
    },
  ],
})
