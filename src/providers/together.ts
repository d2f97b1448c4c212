/** Together AI: open models behind OpenAI's protocols. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const together = openaiProvider({
  id: 'together',
  title: 'Together AI',
  env: ['TOGETHER_API_KEY'],
  address: 'https://api.together.ai',
  speaks: {
    'openai-chat': { verified: true },
    'openai-completions': { verified: true },
  },
  embeddings: { verified: true },
  rerank: { verified: true },
  offers: [
    {
      operation: 'image',
      dialect: 'together-images',
      verified: true,
      path: () => '/v1/images/generations',
      maxInputs: 4,
    },
    {
      operation: 'edit-image',
      dialect: 'together-image-edits',
      verified: true,
      path: () => '/v1/images/generations',
      maxInputs: 4,
    },
  ],
  prices: 'together',
  models: '/models',
  keyUrl: 'https://api.together.ai/settings/api-keys',
  docs: [
    {
      title: 'OpenAI compatibility',
      url: 'https://docs.together.ai/docs/inference/openai-compatibility',
      read: '2026-11-27',
    },
    { title: 'Create image', url: 'https://docs.together.ai/reference/post-images-generations', read: '2026-11-27' },
    { title: 'Rerank', url: 'https://docs.together.ai/docs/rerank-overview', read: '2026-11-27' },
  ],
})
