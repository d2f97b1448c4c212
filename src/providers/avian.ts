/** Avian: open models. Its address was found in public code and in the price data. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const avian = openaiProvider({
  id: 'avian',
  title: 'Avian',
  env: ['AVIAN_API_KEY'],
  address: 'https://api.avian.io',
  speaks: {
    'openai-chat': { verified: false },
  },
  prices: 'avian',
  models: '/models',
  keyUrl: 'https://avian.io',
  docs: [{ title: 'genai-prices', url: 'https://github.com/pydantic/genai-prices', read: '2026-11-27' }],
})
