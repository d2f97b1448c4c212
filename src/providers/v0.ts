/** Vercel's v0: models that write web applications. Pictures must come as data. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const v0 = openaiProvider({
  id: 'v0',
  title: 'Vercel v0',
  env: ['V0_API_KEY'],
  address: 'https://api.v0.dev',
  speaks: {
    'openai-chat': { verified: true, traits: { mediaUrls: [] } },
  },
  keyUrl: 'https://v0.dev/chat/settings/keys',
  docs: [
    { title: 'v0 API', url: 'https://examples.vercel.com/docs/v0/api', read: '2026-11-27' },
    { title: 'v0 Model API', url: 'https://v0.app/docs/v0-model-api', read: '2026-11-27' },
    { title: 'Vercel Provider', url: 'https://ai-sdk.dev/providers/ai-sdk-providers/vercel', read: '2026-11-27' },
  ],
})
