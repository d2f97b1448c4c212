/** SambaNova Cloud: open models on its own chips. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const sambanova = openaiProvider({
  id: 'sambanova',
  title: 'SambaNova',
  env: ['SAMBANOVA_API_KEY'],
  address: 'https://api.sambanova.ai',
  speaks: {
    'openai-chat': { verified: false },
    'anthropic-messages': { verified: false },
  },
  models: '/models',
  keyUrl: 'https://cloud.sambanova.ai/apis',
  docs: [
    {
      title: 'OpenAI compatibility',
      url: 'https://docs.sambanova.ai/docs/en/features/openai-compatibility',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: sambanova',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/sambanova/provider.toml',
      read: '2026-11-27',
    },
  ],
})
