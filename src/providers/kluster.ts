/** Kluster.ai: open models. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const kluster = openaiProvider({
  id: 'kluster',
  title: 'Kluster.ai',
  env: ['KLUSTER_API_KEY'],
  address: 'https://api.kluster.ai',
  speaks: {
    'openai-chat': { verified: true },
  },
  models: '/models',
  keyUrl: 'https://platform.kluster.ai/apikeys',
  docs: [
    {
      title: 'OpenAI compatibility',
      url: 'https://docs.kluster.ai/get-started/openai-compatibility',
      read: '2026-11-27',
    },
    { title: 'Start using the kluster.ai API', url: 'https://docs.kluster.ai/get-started/api', read: '2026-11-27' },
  ],
})
