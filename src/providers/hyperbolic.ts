/** Hyperbolic: open models. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const hyperbolic = openaiProvider({
  id: 'hyperbolic',
  title: 'Hyperbolic',
  env: ['HYPERBOLIC_API_KEY'],
  address: 'https://api.hyperbolic.xyz',
  speaks: {
    'openai-chat': { verified: true },
  },
  models: '/models',
  keyUrl: 'https://app.hyperbolic.xyz',
  docs: [{ title: 'Text Generation APIs', url: 'https://docs.hyperbolic.ai/inference/text-apis', read: '2026-11-27' }],
})
