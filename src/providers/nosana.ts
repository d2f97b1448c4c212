/** Nosana: models in containers of one's own on its network. Each has an address of its own; no shared one is documented. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const nosana = openaiProvider({
  id: 'nosana',
  title: 'Nosana',
  env: ['NOSANA_API_KEY'],
  optIn: true,
  speaks: {
    'openai-chat': { verified: false },
  },
  models: '/models',
  keyUrl: 'https://deploy.nosana.com',
  docs: [],
})
