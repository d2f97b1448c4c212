/** DigitalOcean's serverless inference. It wants a model access key rather than the account's token. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const digitalocean = openaiProvider({
  id: 'digitalocean',
  title: 'DigitalOcean',
  env: ['GRADIENT_MODEL_ACCESS_KEY'],
  address: 'https://inference.do-ai.run',
  speaks: {
    'openai-chat': {
      verified: true,
      traits: { olderMaxTokens: false },
      spelling: {
        reasoning: { budget: 'reasoning.max_tokens', effort: 'reasoning_effort' },
      },
    },
    'openai-responses': { verified: true },
    'anthropic-messages': { verified: true },
  },
  models: '/models',
  keyUrl: 'https://cloud.digitalocean.com/model-studio/manage-keys',
  docs: [
    {
      title: 'How to Use Serverless Inference',
      url: 'https://docs.digitalocean.com/products/gradient-ai-platform/how-to/use-serverless-inference',
      read: '2026-11-27',
    },
    {
      title: 'DigitalOcean Serverless Inference: A Deep Dive',
      url: 'https://www.digitalocean.com/blog/serverless-inference-deep-dive',
      read: '2026-11-27',
    },
    {
      title: 'How to Switch from the OpenAI API',
      url: 'https://digitalocean.com/community/tutorials/migrating-from-openai-api-to-do-serverless-inference',
      read: '2026-11-27',
    },
    {
      title: 'doctl serverless-inference',
      url: 'https://docs.digitalocean.com/reference/doctl/reference/serverless-inference/',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: digitalocean',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/digitalocean/provider.toml',
      read: '2026-11-27',
    },
  ],
})
