/** SGLang on a machine of one's own. It wants a key only where it was started with one. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const sglang = openaiProvider({
  id: 'sglang',
  title: 'SGLang',
  env: ['SGLANG_API_KEY'],
  optIn: true,
  keyless: true,
  free: true,
  address: 'http://127.0.0.1:30000',
  messagesAuth: 'bearer',
  speaks: {
    'openai-chat': { verified: true },
    'openai-completions': { verified: false },
    'anthropic-messages': { verified: true },
  },
  models: '/models',
  docs: [
    {
      title: 'OpenAI-Compatible API',
      url: 'https://mintlify.com/sgl-project/sglang/backend/openai-compatible-api',
      read: '2026-11-27',
    },
    {
      title: 'Anthropic-Compatible API',
      url: 'https://docs.sglang.io/docs/basic_usage/anthropic_api',
      read: '2026-11-27',
    },
  ],
})
