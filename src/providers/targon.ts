/** Targon: open models on a decentralised network. Its address was found in public code alone. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const targon = openaiProvider({
  id: 'targon',
  title: 'Targon',
  env: ['TARGON_API_KEY'],
  address: 'https://api.targon.com',
  speaks: {
    'openai-chat': { verified: false },
  },
  models: '/models',
  keyUrl: 'https://targon.com',
  docs: [],
})
