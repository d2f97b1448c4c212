/** The server of llama.cpp on a machine of one's own. It wants a key only where it was started with one. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const llamaCpp = openaiProvider({
  id: 'llama-cpp',
  title: 'llama.cpp',
  env: ['LLAMA_CPP_API_KEY'],
  optIn: true,
  keyless: true,
  free: true,
  address: 'http://127.0.0.1:8080',
  messagesAuth: 'bearer',
  speaks: {
    'openai-chat': { verified: true },
    'openai-responses': { verified: true },
    'openai-completions': { verified: false },
    'anthropic-messages': { verified: true },
  },
  embeddings: { verified: true },
  rerank: { verified: true },
  models: '/models',
  docs: [
    {
      title: 'llama.cpp HTTP Server',
      url: 'https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md',
      read: '2026-11-27',
    },
    { title: 'llama-server', url: 'https://www.mintlify.com/ggml-org/llama.cpp/inference/server', read: '2026-11-27' },
  ],
})
