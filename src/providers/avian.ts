/** Avian: open models. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const avian = openaiProvider({
  id: 'avian',
  title: 'Avian',
  env: ['AVIAN_API_KEY'],
  address: 'https://api.avian.io',
  speaks: {
    'openai-chat': { verified: true },
  },
  prices: 'avian',
  models: '/models',
  keyUrl: 'https://avian.io',
  docs: [
    { title: 'API Documentation', url: 'https://avian.io/docs', read: '2026-11-27' },
    { title: 'genai-prices', url: 'https://github.com/pydantic/genai-prices', read: '2026-11-27' },
  ],
})
