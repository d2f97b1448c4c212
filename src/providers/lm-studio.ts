/** LM Studio: models on a desktop. It wants a key only where that was switched on. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const lmStudio = openaiProvider({
  id: 'lm-studio',
  title: 'LM Studio',
  env: ['LM_API_TOKEN'],
  optIn: true,
  keyless: true,
  free: true,
  address: 'http://127.0.0.1:1234',
  speaks: {
    'openai-chat': { verified: true },
    'openai-responses': { verified: true },
    'openai-completions': { verified: true },
    'anthropic-messages': { verified: true },
  },
  embeddings: { verified: true },
  models: '/models',
  docs: [
    { title: 'OpenAI Compatible Endpoints', url: 'https://lmstudio.ai/docs/api/openai-api', read: '2026-11-27' },
    {
      title: 'Anthropic Compatible Endpoints',
      url: 'https://lmstudio.ai/docs/developer/anthropic-compat',
      read: '2026-11-27',
    },
  ],
})
