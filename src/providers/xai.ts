/** xAI: the Grok models. Chat Completions is deprecated there and shows no reasoning; completions are for the models that do not reason. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const xai = openaiProvider({
  id: 'xai',
  title: 'xAI',
  env: ['XAI_API_KEY'],
  address: 'https://api.x.ai',
  speaks: {
    'openai-responses': { verified: true },
    'openai-chat': { verified: true },
    'openai-completions': { verified: true },
  },
  prices: 'x-ai',
  models: '/models',
  keyUrl: 'https://console.x.ai',
  keyPrefixes: ['xai-'],
  docs: [
    { title: 'Inference API', url: 'https://docs.x.ai/developers/rest-api-reference/inference', read: '2026-11-27' },
    {
      title: 'Legacy & Deprecated',
      url: 'https://docs.x.ai/developers/rest-api-reference/inference/legacy',
      read: '2026-11-27',
    },
    {
      title: 'Best Practices Guide',
      url: 'https://docs.x.ai/developers/model-capabilities/text/best-practices',
      read: '2026-11-27',
    },
  ],
})
