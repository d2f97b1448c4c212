/** Voyage AI: vectors and ranks in protocols of its own. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const voyage = openaiProvider({
  id: 'voyage',
  title: 'Voyage AI',
  env: ['VOYAGE_API_KEY'],
  address: 'https://api.voyageai.com',
  speaks: {},
  // The most that the package's own documentation allows; the website's is larger for newer models.
  embeddings: { verified: true, dialect: 'voyage-embed', maxInputs: 128 },
  rerank: { verified: true, dialect: 'voyage-rerank' },
  keyUrl: 'https://dashboard.voyageai.com',
  docs: [
    {
      title: 'voyageai (TypeScript SDK): EmbedRequest, RerankRequest',
      url: 'https://www.npmjs.com/package/voyageai',
      read: '2026-11-27',
    },
    { title: 'Rerankers', url: 'https://docs.voyageai.com/docs/reranker', read: '2026-11-27' },
  ],
})
