/** Chutes: open models on a decentralised network. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const chutes = openaiProvider({
  id: 'chutes',
  title: 'Chutes',
  env: ['CHUTES_API_KEY'],
  address: 'https://llm.chutes.ai',
  speaks: {
    'openai-chat': { verified: false },
  },
  models: '/models',
  keyUrl: 'https://chutes.ai/app/api',
  docs: [
    {
      title: 'models.dev: chutes',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/chutes/provider.toml',
      read: '2026-11-27',
    },
    {
      title: 'LiteLLM: OpenAI-like providers',
      url: 'https://github.com/BerriAI/litellm/blob/main/litellm/llms/openai_like/providers.json',
      read: '2026-11-27',
    },
  ],
})
