/** Hyperbolic: open models. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const hyperbolic = openaiProvider({
  id: 'hyperbolic',
  title: 'Hyperbolic',
  env: ['HYPERBOLIC_API_KEY'],
  address: 'https://api.hyperbolic.xyz',
  speaks: {
    'openai-chat': { verified: false },
  },
  models: '/models',
  keyUrl: 'https://app.hyperbolic.xyz',
  docs: [
    {
      title: 'Rig: Hyperbolic',
      url: 'https://docs.rs/rig-core/0.30.0/src/rig/providers/hyperbolic.rs.html',
      read: '2026-11-27',
    },
    {
      title: 'Helicone: Hyperbolic',
      url: 'https://docs.helicone.ai/getting-started/integration-method/hyperbolic',
      read: '2026-11-27',
    },
  ],
})
