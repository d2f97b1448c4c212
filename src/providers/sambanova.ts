/** SambaNova Cloud: open models on its own chips, in all three protocols. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const sambanova = openaiProvider({
  id: 'sambanova',
  title: 'SambaNova',
  env: ['SAMBANOVA_API_KEY'],
  address: 'https://api.sambanova.ai',
  speaks: {
    'openai-chat': { verified: true },
    'openai-responses': { verified: false },
    'anthropic-messages': { verified: true },
  },
  embeddings: { verified: true },
  models: '/models',
  keyUrl: 'https://cloud.sambanova.ai/apis',
  docs: [
    {
      title: 'API keys and URLs',
      url: 'https://docs.sambanova.ai/docs/en/get-started/api-keys-urls',
      read: '2026-11-27',
    },
    {
      title: 'OpenAI compatibility',
      url: 'https://docs.sambanova.ai/docs/en/features/openai-compatibility',
      read: '2026-11-27',
    },
    {
      title: 'Anthropic compatibility',
      url: 'https://docs.sambanova.ai/docs/en/features/anthropic-compatibility',
      read: '2026-11-27',
    },
    {
      title: 'Create embeddings',
      url: 'https://docs.sambanova.ai/docs/api-reference/embeddings/create-embeddings',
      read: '2026-11-27',
    },
  ],
})
