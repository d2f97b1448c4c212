/** Hugging Face's router, which leads to the inference providers behind it. The token is for much else, so it turns nothing on. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const huggingface = openaiProvider({
  id: 'huggingface',
  title: 'Hugging Face Inference Providers',
  env: ['HF_TOKEN'],
  optIn: true,
  address: 'https://router.huggingface.co',
  speaks: {
    'openai-chat': { verified: true },
    'openai-responses': { verified: true },
  },
  models: '/models',
  keyUrl: 'https://huggingface.co/settings/tokens',
  keyPrefixes: ['hf_'],
  docs: [
    {
      title: 'Responses API (beta)',
      url: 'https://huggingface.co/docs/inference-providers/guides/responses-api',
      read: '2026-11-27',
    },
    {
      title: 'Inference Providers now fully support OpenAI-compatible API',
      url: 'https://huggingface.co/changelog/inference-providers-openai-compatible',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: huggingface',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/huggingface/provider.toml',
      read: '2026-11-27',
    },
  ],
})
