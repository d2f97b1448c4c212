/** Hugging Face's Text Embeddings Inference, on a machine of one's own or as an Inference Endpoint. It serves one model. */
import { listAsObject } from '../kernel/list-as-object.ts'
import { openaiProvider } from '../kernel/openai-provider.ts'

export const tei = openaiProvider({
  id: 'tei',
  title: 'Text Embeddings Inference',
  env: [],
  keyless: true,
  speaks: {},
  embeddings: { verified: true },
  rerank: { verified: true, path: '/rerank', dialect: 'tei-rerank', receive: listAsObject },
  docs: [
    {
      title: 'Text Embeddings Inference API',
      url: 'https://huggingface.github.io/text-embeddings-inference',
      read: '2026-11-27',
    },
    {
      title: 'baai-bge-reranker-v2-m3: Send Request',
      url: 'https://ai.azure.com/catalog/models/baai-bge-reranker-v2-m3',
      read: '2026-11-27',
    },
  ],
})
