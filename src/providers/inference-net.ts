/** Inference.net: open models. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const inferenceNet = openaiProvider({
  id: 'inference-net',
  title: 'Inference.net',
  env: ['INFERENCE_API_KEY'],
  address: 'https://api.inference.net',
  speaks: {
    'openai-chat': { verified: false },
  },
  models: '/models',
  keyUrl: 'https://inference.net',
  docs: [
    {
      title: 'API Evangelist: Inference.net',
      url: 'https://raw.githubusercontent.com/api-evangelist/inference/refs/heads/main/conformance/inference-conformance.yml',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: inference',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/inference/provider.toml',
      read: '2026-11-27',
    },
  ],
})
