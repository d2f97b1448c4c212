/** Aleph Alpha. Models of one's own PhariaAI are reached with `base_url`. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const alephAlpha = openaiProvider({
  id: 'aleph-alpha',
  title: 'Aleph Alpha',
  env: ['ALEPH_ALPHA_API_KEY', 'AA_TOKEN'],
  address: 'https://api.aleph-alpha.com',
  version: '',
  speaks: {
    'openai-chat': { verified: true },
  },
  keyUrl: 'https://app.aleph-alpha.com',
  docs: [
    {
      title: 'PhariaInference: Chat',
      url: 'https://docs.aleph-alpha.com/api/pharia-inference/4.1.0/chat-completions',
      read: '2026-11-27',
    },
    {
      title: 'llmkit: Aleph Alpha',
      url: 'https://docs.rs/crate/llmkit/latest/source/src/providers/chat/aleph_alpha.rs',
      read: '2026-11-27',
    },
  ],
})
