/** Kluster.ai: open models. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const kluster = openaiProvider({
  id: 'kluster',
  title: 'Kluster.ai',
  env: ['KLUSTER_API_KEY'],
  address: 'https://api.kluster.ai',
  speaks: {
    'openai-chat': { verified: false },
  },
  keyUrl: 'https://platform.kluster.ai/apikeys',
  docs: [
    {
      title: 'Portkey gateway: kluster.ai',
      url: 'https://github.com/Portkey-AI/gateway/blob/main/src/providers/kluster-ai/api.ts',
      read: '2026-11-27',
    },
  ],
})
