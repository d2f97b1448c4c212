/** Aleph Alpha. Models of one's own PhariaAI are reached with `base_url`. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const alephAlpha = openaiProvider({
  id: 'aleph-alpha',
  title: 'Aleph Alpha',
  env: ['ALEPH_ALPHA_API_KEY', 'AA_TOKEN'],
  address: 'https://api.aleph-alpha.com',
  version: '',
  speaks: {
    'openai-chat': { verified: false },
  },
  keyUrl: 'https://app.aleph-alpha.com',
  docs: [
    {
      title: 'llmkit: Aleph Alpha',
      url: 'https://docs.rs/crate/llmkit/latest/source/src/providers/chat/aleph_alpha.rs',
      read: '2026-11-27',
    },
    {
      title: 'LangChain: AlephAlpha',
      url: 'https://reference.langchain.com/python/langchain-community/llms/aleph_alpha/AlephAlpha',
      read: '2026-11-27',
    },
  ],
})
