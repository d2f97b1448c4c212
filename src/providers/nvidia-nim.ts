/** NVIDIA's API catalog. A NIM of one's own is reached with `base_url`. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const nvidiaNim = openaiProvider({
  id: 'nvidia-nim',
  title: 'NVIDIA NIM',
  env: ['NVIDIA_API_KEY'],
  address: 'https://integrate.api.nvidia.com',
  speaks: {
    'openai-chat': { verified: true },
  },
  embeddings: {
    verified: true,
    spelling: {
      embeddingTask: {
        member: 'input_type',
        words: {
          'retrieval-query': 'query',
          'question-answering': 'query',
          'fact-verification': 'query',
          'code-retrieval-query': 'query',
          'retrieval-document': 'passage',
        },
      },
    },
  },
  // A server of one's own; NVIDIA's own service has an address for each model that ranks.
  rerank: { verified: true, path: '/v1/ranking', dialect: 'nvidia-rerank' },
  models: '/models',
  keyUrl: 'https://build.nvidia.com/settings/api-keys',
  keyPrefixes: ['nvapi-'],
  docs: [
    {
      title: 'NeMo Curator: OpenAI Compatible Services',
      url: 'https://docs.nvidia.com/nemo/curator/latest/curate-text/generate-data/connect-service/openai.html',
      read: '2026-11-27',
    },
    {
      title: 'NVIDIA API Catalog',
      url: 'https://docsearch.algolia.com/mcp/docs/website/build.nvidia.com',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: nvidia',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/nvidia/provider.toml',
      read: '2026-11-27',
    },
    {
      title: 'API Reference for NVIDIA NeMo Retriever Embedding NIM',
      url: 'https://docs.nvidia.com/nim/nemo-retriever/text-embedding/2.2.0/reference.html',
      read: '2026-11-27',
    },
    {
      title: 'Use NVIDIA NeMo Retriever Reranking NIM',
      url: 'https://docs.nvidia.com/nim/nemo-retriever/text-reranking/2.3/using-reranking.html',
      read: '2026-11-27',
    },
  ],
})
