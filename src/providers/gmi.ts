/** GMI Cloud's inference engine. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const gmi = openaiProvider({
  id: 'gmi',
  title: 'GMI Cloud',
  env: ['GMICLOUD_API_KEY', 'GMI_API_KEY'],
  address: 'https://api.gmi-serving.com',
  speaks: {
    'openai-chat': { verified: false },
  },
  keyUrl: 'https://console.gmicloud.ai',
  docs: [
    {
      title: 'models.dev: gmicloud',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/gmicloud/provider.toml',
      read: '2026-11-27',
    },
    {
      title: 'LiteLLM: OpenAI-like providers',
      url: 'https://github.com/BerriAI/litellm/blob/main/litellm/llms/openai_like/providers.json',
      read: '2026-11-27',
    },
  ],
})
