/** Fireworks AI: open models in all three protocols. */
import { z } from 'zod'
import { fireworksDatasets } from '../kernel/codec/files/fireworks-datasets.ts'
import { fireworksJobs } from '../kernel/codec/fine-tuning/fireworks-jobs.ts'
import { jobTransport, jsonOf } from '../kernel/job-transport.ts'
import { isOverFlux } from '../kernel/codec/image/flux-job.ts'
import { openaiProvider } from '../kernel/openai-provider.ts'
import { pathStep } from '../kernel/path-step.ts'

/** Pictures have paths of their own models, written out. */
const workflow = (model: string): string => {
  const name = model.startsWith('accounts/') ? model : `accounts/fireworks/models/${model}`
  return `/inference/v1/workflows/${name
    .split('/')
    .map((step) => pathStep(step))
    .join('/')}`
}

/** Those that work on pictures are ordered, and asked about until they are done. */
const isOrdered = (model: string): boolean => model.includes('kontext')

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
  offers: [
    {
      operation: 'image',
      dialect: 'fireworks-flux',
      verified: true,
      path: (model) => (isOrdered(model) ? workflow(model) : `${workflow(model)}/text_to_image`),
      maxInputs: 1,
    },
    {
      operation: 'edit-image',
      dialect: 'fireworks-flux-edit',
      verified: true,
      serves: isOrdered,
      path: workflow,
      maxInputs: 1,
    },
  ],
  transport: (_config, context) =>
    jobTransport(context, {
      title: 'Fireworks AI',
      isOrder: ({ method, path }) =>
        method === 'POST' && path.includes('/workflows/') && !path.endsWith('/text_to_image'),
      async script(job, outbound) {
        const ordered = await job.order()
        const id = jsonOf(ordered)?.['request_id']
        if (typeof id !== 'string') return ordered
        return job.until({ method: 'POST', path: `${outbound.path}/get_result`, json: { id } }, isOverFlux)
      },
    }),
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
      title: 'Generate an image with FLUX.1',
      url: 'https://docs.fireworks.ai/api-reference/generate-a-new-image-from-a-text-prompt',
      read: '2026-11-27',
    },
    {
      title: 'Generate or edit an image with FLUX.1 Kontext',
      url: 'https://docs.fireworks.ai/api-reference/generate-or-edit-image-using-flux-kontext',
      read: '2026-11-27',
    },
    {
      title: 'Get generated image from FLUX.1 Kontext',
      url: 'https://docs.fireworks.ai/api-reference/get-generated-image-from-flux-kontex',
      read: '2026-11-27',
    },
    {
      title: 'Embeddings & Reranking',
      url: 'https://docs.fireworks.ai/guides/querying-embeddings-models',
      read: '2026-11-27',
    },
  ],
})
