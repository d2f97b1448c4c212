/** Poe: the models and bots of its marketplace. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const poe = openaiProvider({
  id: 'poe',
  title: 'Poe',
  env: ['POE_API_KEY'],
  address: 'https://api.poe.com',
  speaks: {
    'openai-chat': { verified: false },
  },
  keyUrl: 'https://poe.com/api_key',
  docs: [
    {
      title: 'models.dev: poe',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/poe/provider.toml',
      read: '2026-11-27',
    },
    {
      title: 'LiteLLM: OpenAI-like providers',
      url: 'https://github.com/BerriAI/litellm/blob/main/litellm/llms/openai_like/providers.json',
      read: '2026-11-27',
    },
  ],
})
