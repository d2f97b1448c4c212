/** Poe: the models and bots of its marketplace. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const poe = openaiProvider({
  id: 'poe',
  title: 'Poe',
  env: ['POE_API_KEY'],
  address: 'https://api.poe.com',
  speaks: {
    'openai-chat': { verified: true },
    'openai-responses': { verified: true },
  },
  keyUrl: 'https://poe.com/api/keys',
  docs: [
    { title: 'External Applications', url: 'https://creator.poe.com/docs/external-applications', read: '2026-11-27' },
  ],
})
