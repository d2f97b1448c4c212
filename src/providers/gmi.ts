/** GMI Cloud's inference engine. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const gmi = openaiProvider({
  id: 'gmi',
  title: 'GMI Cloud',
  env: ['GMICLOUD_API_KEY', 'GMI_API_KEY'],
  address: 'https://api.gmi-serving.com',
  speaks: {
    'openai-chat': { verified: true },
  },
  headerFields: {
    organization: { header: 'x-organization-id', about: 'Organization to use, for keys that belong to several.' },
  },
  models: '/models',
  keyUrl: 'https://console.gmicloud.ai',
  docs: [
    {
      title: 'LLM API Reference',
      url: 'https://docs.gmicloud.ai/inference-engine/api-reference/llm-api-reference.md',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: gmicloud',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/gmicloud/provider.toml',
      read: '2026-11-27',
    },
  ],
})
