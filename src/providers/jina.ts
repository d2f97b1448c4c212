/** Jina AI: vectors and ranks. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const jina = openaiProvider({
  id: 'jina',
  title: 'Jina AI',
  env: ['JINA_API_KEY', 'JINA_AI_API_KEY'],
  address: 'https://api.jina.ai',
  speaks: {},
  embeddings: { verified: true },
  rerank: { verified: true },
  keyUrl: 'https://jina.ai/api-dashboard',
  keyPrefixes: ['jina_'],
  docs: [
    { title: 'Reranker API', url: 'https://jina.ai/reranker', read: '2026-11-27' },
    {
      title: 'Jina AI (embeddings, rerank)',
      url: 'https://docs.litellm.ai/docs/providers/jina_ai',
      read: '2026-11-27',
    },
  ],
})
