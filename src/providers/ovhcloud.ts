/** OVHcloud AI Endpoints. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const ovhcloud = openaiProvider({
  id: 'ovhcloud',
  title: 'OVHcloud AI Endpoints',
  env: ['OVHCLOUD_API_KEY', 'OVH_AI_ENDPOINTS_ACCESS_TOKEN'],
  address: 'https://oai.endpoints.kepler.ai.cloud.ovh.net',
  speaks: {
    'openai-chat': { verified: true },
    'openai-responses': { verified: false },
  },
  embeddings: { verified: true },
  prices: 'ovhcloud',
  keyUrl: 'https://www.ovh.com/manager/#/public-cloud',
  docs: [
    {
      title: 'AI Endpoints (OVHcloud AI provider for Apache Airflow)',
      url: 'https://ovh.github.io/apache-airflow-provider-ovhcloud-ai/ai-endpoints',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: ovhcloud',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/ovhcloud/provider.toml',
      read: '2026-11-27',
    },
  ],
})
