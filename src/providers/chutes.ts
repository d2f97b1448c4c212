/** Chutes: open models on a decentralised network. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const chutes = openaiProvider({
  id: 'chutes',
  title: 'Chutes',
  env: ['CHUTES_API_KEY'],
  address: 'https://llm.chutes.ai',
  speaks: {
    'openai-chat': { verified: true },
  },
  models: '/models',
  keyUrl: 'https://chutes.ai/app/api',
  docs: [
    {
      title: 'llms.txt of one of its models',
      url: 'https://chutes.ai/app/chute/nagata3-nagata99999-affine-5cnxemj5naaztvrqupvck9wr5gkjyti/llms.txt',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: chutes',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/chutes/provider.toml',
      read: '2026-11-27',
    },
  ],
})
