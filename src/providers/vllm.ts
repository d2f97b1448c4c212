/** vLLM on a machine of one's own. It wants a key only where it was started with one. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const vllm = openaiProvider({
  id: 'vllm',
  title: 'vLLM',
  env: ['VLLM_API_KEY'],
  optIn: true,
  keyless: true,
  free: true,
  address: 'http://127.0.0.1:8000',
  messagesAuth: 'bearer',
  speaks: {
    'openai-chat': { verified: true },
    'openai-responses': { verified: true },
    'openai-completions': { verified: true },
    'anthropic-messages': { verified: false },
  },
  embeddings: { verified: true },
  rerank: { verified: true },
  models: '/models',
  docs: [
    {
      title: 'Responses API in the documentation',
      url: 'https://github.com/vllm-project/vllm/pull/30840',
      read: '2026-11-27',
    },
    {
      title: 'OpenAI-Compatible Server',
      url: 'https://docs.vllm.ai/en/stable/serving/openai_compatible_server/',
      read: '2026-11-27',
    },
    {
      title: 'Cohere Rerank Client',
      url: 'https://docs.vllm.ai/en/v0.9.2/examples/online_serving/cohere_rerank_client.html',
      read: '2026-11-27',
    },
    {
      title: 'vLLM API compatibility',
      url: 'https://www.developersdigest.tech/reference/api-compatibility/vllm',
      read: '2026-11-27',
    },
  ],
})
