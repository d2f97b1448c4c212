/** Vercel's AI Gateway: the models of many providers behind one address, in all three protocols. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const vercelAiGateway = openaiProvider({
  id: 'vercel-ai-gateway',
  title: 'Vercel AI Gateway',
  env: ['AI_GATEWAY_API_KEY'],
  address: 'https://ai-gateway.vercel.sh',
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
  embeddings: { verified: false },
  models: '/models',
  keyUrl: 'https://vercel.com/ai-gateway',
  docs: [
    {
      title: 'OpenAI Responses API',
      url: 'https://vercel.com/docs/ai-gateway/sdks-and-apis/openai-compat/responses',
      read: '2026-11-27',
    },
    {
      title: 'OpenAI Chat Completions API',
      url: 'https://vercel.com/docs/ai-gateway/sdks-and-apis/openai-chat-completions',
      read: '2026-11-27',
    },
    {
      title: 'Anthropic-Compatible API',
      url: 'https://vercel.com/docs/ai-gateway/anthropic-compat',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: vercel',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/vercel/provider.toml',
      read: '2026-11-27',
    },
  ],
})
