/** OpenRouter: the models of many providers behind one address. What calls it may say who it is, for its rankings. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const openrouter = openaiProvider({
  id: 'openrouter',
  title: 'OpenRouter',
  env: ['OPENROUTER_API_KEY'],
  address: 'https://openrouter.ai',
  version: '/api/v1',
  messagesAuth: 'bearer',
  speaks: {
    'openai-chat': {
      verified: true,
      spelling: {
        reasoning: { switch: 'reasoning.enabled', budget: 'reasoning.max_tokens', effort: 'reasoning.effort' },
      },
    },
    'openai-responses': { verified: true },
    'anthropic-messages': { verified: true },
  },
  embeddings: { verified: true },
  rerank: { verified: false },
  headerFields: {
    site_url: { header: 'http-referer', about: 'Address of your site, sent as HTTP-Referer.' },
    app_name: { header: 'x-title', about: 'Name of your application, sent as X-Title.' },
  },
  prices: 'openrouter',
  models: '/models',
  keyUrl: 'https://openrouter.ai/settings/keys',
  keyPrefixes: ['sk-or-'],
  docs: [
    {
      title: 'Create a response',
      url: 'https://openrouter.ai/docs/api/api-reference/responses/create-responses.md',
      read: '2026-11-27',
    },
    {
      title: 'Create a message',
      url: 'https://openrouter.ai/docs/api/api-reference/anthropic-messages/create-a-message',
      read: '2026-11-27',
    },
    { title: 'API Reference', url: 'https://openrouter.ai/docs/api-reference/overview', read: '2026-11-27' },
    { title: 'Embeddings', url: 'https://openrouter.ai/docs/api_reference/embeddings', read: '2026-11-27' },
    {
      title: 'RAG with Embeddings & Rerank',
      url: 'https://openrouter.ai/docs/guides/evaluate-and-optimize/rag',
      read: '2026-11-27',
    },
  ],
})
