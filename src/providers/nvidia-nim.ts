/** NVIDIA's API catalog. A NIM of one's own is reached with `base_url`. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const nvidiaNim = openaiProvider({
  id: 'nvidia-nim',
  title: 'NVIDIA NIM',
  env: ['NVIDIA_API_KEY'],
  address: 'https://integrate.api.nvidia.com',
  speaks: {
    'openai-chat': { verified: true },
  },
  models: '/models',
  keyUrl: 'https://build.nvidia.com/settings/api-keys',
  keyPrefixes: ['nvapi-'],
  docs: [
    {
      title: 'NeMo Curator: OpenAI Compatible Services',
      url: 'https://docs.nvidia.com/nemo/curator/latest/curate-text/generate-data/connect-service/openai.html',
      read: '2026-11-27',
    },
    {
      title: 'NVIDIA API Catalog',
      url: 'https://docsearch.algolia.com/mcp/docs/website/build.nvidia.com',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: nvidia',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/nvidia/provider.toml',
      read: '2026-11-27',
    },
  ],
})
