/** The simulator as a provider: models that need no key, no network and no money, for trying the gateway and for testing it. */
import { z } from 'zod'
import { baseUrlField } from '../../kernel/base-url.ts'
import { openaiFiles } from '../../kernel/codec/files/openai-files.ts'
import { openaiJobs } from '../../kernel/codec/fine-tuning/openai-jobs.ts'
import { defineProvider } from '../../kernel/provider.ts'
import { mostInputs } from './embeddings.ts'
import { modelNames } from './models.ts'
import { simTransport } from './sim-transport.ts'

export const simProvider = defineProvider({
  id: 'sim',
  title: 'Simulator',
  config: z.strictObject({
    /** Only seen in records: the simulator is inside the gateway. A simulator elsewhere is an `openai-compatible` provider. */
    base_url: baseUrlField.optional(),
  }),
  env: [],
  offers: [
    { operation: 'chat', dialect: 'openai-chat', path: () => '/chat/completions' },
    { operation: 'chat', dialect: 'anthropic-messages', path: () => '/messages' },
    { operation: 'embed', dialect: 'openai-embeddings', path: () => '/embeddings', maxInputs: mostInputs },
    { operation: 'speech', dialect: 'openai-speech', path: () => '/audio/speech' },
    { operation: 'transcribe', dialect: 'openai-transcriptions', path: () => '/audio/transcriptions' },
    { operation: 'translate-audio', dialect: 'openai-translations', path: () => '/audio/translations' },
    { operation: 'image', dialect: 'openai-images', path: () => '/images/generations' },
    { operation: 'edit-image', dialect: 'openai-image-edits', path: () => '/images/edits' },
    { operation: 'vary-image', dialect: 'openai-image-variations', path: () => '/images/variations' },
    { operation: 'video', dialect: 'openai-videos', path: () => '/videos' },
    { operation: 'rerank', dialect: 'cohere-rerank-v1', path: () => '/rerank' },
    { operation: 'moderate', dialect: 'openai-moderations', path: () => '/moderations' },
    { operation: 'count-tokens', dialect: 'anthropic-count-tokens', path: () => '/messages/count_tokens' },
  ],
  files: () => openaiFiles({ path: '/files', verified: false }),
  fineTuning: () => openaiJobs({ path: '/fine_tuning/jobs', verified: false, pauses: true }),
  keyless: true,
  free: () => true,
  baseUrl: (config) => config.base_url ?? 'http://sim.invalid/v1',
  sign: (outbound) => outbound,
  quirks: { streamUsageOnRequest: true },
  models: modelNames,
  transport: (_config, context) => simTransport(context),
})
