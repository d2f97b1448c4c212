/** Fireworks AI: open models in all three protocols. */
import { z } from 'zod'
import { fireworksDatasets } from '../kernel/codec/files/fireworks-datasets.ts'
import { fireworksJobs } from '../kernel/codec/fine-tuning/fireworks-jobs.ts'
import { openaiProvider } from '../kernel/openai-provider.ts'

export const fireworks = openaiProvider({
  id: 'fireworks',
  title: 'Fireworks AI',
  env: ['FIREWORKS_API_KEY'],
  address: 'https://api.fireworks.ai',
  version: '/inference/v1',
  speaks: {
    'openai-chat': { verified: true },
    'openai-responses': { verified: true },
    'openai-completions': { verified: false },
    'anthropic-messages': { verified: true },
  },
  embeddings: { verified: true },
  fields: {
    account_id: z
      .string()
      .regex(/^[a-z0-9-]+$/, { error: 'must be letters, digits and hyphens' })
      .optional()
      .describe('Account that files are kept and models are tuned for; neither can be done without.'),
  },
  files: ({ account_id: account }) => (account === undefined ? undefined : fireworksDatasets(account)),
  fineTuning: ({ account_id: account }) => (account === undefined ? undefined : fireworksJobs(account)),
  prices: 'fireworks',
  models: '/models',
  keyUrl: 'https://app.fireworks.ai/settings/users/api-keys',
  keyPrefixes: ['fw_'],
  docs: [
    { title: 'APIs and SDKs', url: 'https://docs.fireworks.ai/nexus/apis-and-sdks', read: '2026-11-27' },
    {
      title: 'Anthropic compatibility',
      url: 'https://docs.fireworks.ai/tools-sdks/anthropic-compatibility',
      read: '2026-11-27',
    },
    {
      title: 'Fine-tuning via API',
      url: 'https://docs.fireworks.ai/fine-tuning/fine-tuning-via-api',
      read: '2026-11-27',
    },
    {
      title: 'Create Supervised Fine-tuning Job',
      url: 'https://docs.fireworks.ai/api-reference/create-supervised-fine-tuning-job',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: fireworks-ai',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/fireworks-ai/provider.toml',
      read: '2026-11-27',
    },
    {
      title: 'Embeddings & Reranking',
      url: 'https://docs.fireworks.ai/guides/querying-embeddings-models',
      read: '2026-11-27',
    },
  ],
})
