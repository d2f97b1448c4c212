/** Meta's Llama API, at the path that speaks OpenAI's protocol. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const metaLlama = openaiProvider({
  id: 'meta-llama',
  title: 'Meta Llama API',
  env: ['LLAMA_API_KEY'],
  address: 'https://api.llama.com',
  version: '/compat/v1',
  speaks: {
    'openai-chat': { verified: false },
  },
  keyUrl: 'https://llama.developer.meta.com',
  docs: [
    {
      title: 'models.dev: llama',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/llama/provider.toml',
      read: '2026-11-27',
    },
  ],
})
