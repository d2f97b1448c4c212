/** Groq. Its compatibility page lists what it answers with 400: logprobs and more than one choice. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const groq = openaiProvider({
  id: 'groq',
  title: 'Groq',
  env: ['GROQ_API_KEY'],
  address: 'https://api.groq.com',
  version: '/openai/v1',
  speaks: {
    'openai-chat': { verified: true, traits: { leaveOut: ['logprobs', 'n'], maxTemperature: 2 } },
    'openai-responses': { verified: true },
  },
  speech: { verified: true },
  transcriptions: { verified: true, transcripts: ['json', 'text', 'verbose_json'] },
  translations: { verified: true, transcripts: ['json', 'text', 'verbose_json'] },
  prices: 'groq',
  models: '/models',
  keyUrl: 'https://console.groq.com/keys',
  keyPrefixes: ['gsk_'],
  docs: [
    { title: 'OpenAI Compatibility', url: 'https://console.groq.com/docs/openai', read: '2026-11-27' },
    {
      title: 'groq-typescript: audio/speech',
      url: 'https://github.com/groq/groq-typescript/blob/main/src/resources/audio/speech.ts',
      read: '2026-11-27',
    },
    { title: 'Speech to Text', url: 'https://console.groq.com/docs/speech-to-text', read: '2026-11-27' },
    {
      title: 'groq-typescript: audio/transcriptions',
      url: 'https://github.com/groq/groq-typescript/blob/main/src/resources/audio/transcriptions.ts',
      read: '2026-11-27',
    },
  ],
})
