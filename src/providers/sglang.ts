/** SGLang on a machine of one's own. It wants a key only where it was started with one. */
import { listAsObject } from '../kernel/list-as-object.ts'
import { openaiProvider } from '../kernel/openai-provider.ts'

export const sglang = openaiProvider({
  id: 'sglang',
  title: 'SGLang',
  env: ['SGLANG_API_KEY'],
  optIn: true,
  keyless: true,
  free: true,
  address: 'http://127.0.0.1:30000',
  messagesAuth: 'bearer',
  speaks: {
    'openai-chat': { verified: true },
    'openai-completions': { verified: false },
    'anthropic-messages': { verified: true },
  },
  embeddings: { verified: true },
  rerank: { verified: true, dialect: 'sglang-rerank', receive: listAsObject },
  models: '/models',
  docs: [
    {
      title: 'OpenAI-Compatible API',
      url: 'https://mintlify.com/sgl-project/sglang/backend/openai-compatible-api',
      read: '2026-11-27',
    },
    {
      title: 'Anthropic-Compatible API',
      url: 'https://docs.sglang.io/docs/basic_usage/anthropic_api',
      read: '2026-11-27',
    },
    {
      title: 'OpenAI APIs: Embedding',
      url: 'https://docs.sglang.io/docs/basic_usage/openai_api_embeddings',
      read: '2026-11-27',
    },
    { title: 'Rerank models', url: 'https://docs.sglang.io/docs/supported-models/rerank_models', read: '2026-11-27' },
  ],
})
