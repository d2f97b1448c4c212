/** OpenAI's own service, as its API reference describes it (developers.openai.com/api/reference/overview, "Authentication"). */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { openaiFiles } from '../kernel/codec/files/openai-files.ts'
import { openaiJobs } from '../kernel/codec/fine-tuning/openai-jobs.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'OpenAI'

export const openai = defineProvider({
  id: 'openai',
  title,
  config: z.strictObject({
    /** Ends in `/v1` like the default; used as it is. */
    base_url: baseUrlField.optional(),
    organization: z.string().min(1).optional().describe('Organization that is billed, sent as OpenAI-Organization.'),
    project: z.string().min(1).optional().describe('Project that is billed, sent as OpenAI-Project.'),
  }),
  env: ['OPENAI_API_KEY'],
  offers: [
    { operation: 'chat', dialect: 'openai-chat', verified: true, path: () => '/chat/completions' },
    {
      operation: 'chat',
      dialect: 'openai-responses',
      verified: true,
      path: () => '/responses',
      compactPath: '/responses/compact',
    },
    { operation: 'chat', dialect: 'openai-completions', verified: true, path: () => '/completions' },
    // "Any array must be 2048 dimensions or less": developers.openai.com/api/reference/resources/embeddings/methods/create
    { operation: 'embed', dialect: 'openai-embeddings', verified: true, path: () => '/embeddings', maxInputs: 2048 },
    // "The moderation endpoint is free to use": developers.openai.com/api/docs/guides/moderation
    { operation: 'moderate', dialect: 'openai-moderations', verified: true, path: () => '/moderations', free: true },
    { operation: 'speech', dialect: 'openai-speech', verified: true, path: () => '/audio/speech' },
    { operation: 'transcribe', dialect: 'openai-transcriptions', verified: true, path: () => '/audio/transcriptions' },
    { operation: 'translate-audio', dialect: 'openai-translations', verified: true, path: () => '/audio/translations' },
    { operation: 'image', dialect: 'openai-images', verified: true, path: () => '/images/generations' },
    { operation: 'edit-image', dialect: 'openai-image-edits', verified: true, path: () => '/images/edits' },
    { operation: 'vary-image', dialect: 'openai-image-variations', verified: true, path: () => '/images/variations' },
    { operation: 'video', dialect: 'openai-videos', verified: true, path: () => '/videos' },
  ],
  files: () => openaiFiles({ path: '/files', verified: true }),
  fineTuning: () => openaiJobs({ path: '/fine_tuning/jobs', verified: true, pauses: true }),
  keyUrl: 'https://platform.openai.com/api-keys',
  keyPrefixes: ['sk-proj-'],
  docs: [
    {
      title: 'API Reference: Overview',
      url: 'https://developers.openai.com/api/reference/overview',
      read: '2026-11-21',
    },
    {
      title: 'Compact a response',
      url: 'https://developers.openai.com/api/reference/resources/responses/methods/compact',
      read: '2026-11-27',
    },
    {
      title: 'Create moderation',
      url: 'https://developers.openai.com/api/reference/resources/moderations/methods/create',
      read: '2026-11-27',
    },
    {
      title: 'Create embeddings',
      url: 'https://developers.openai.com/api/reference/resources/embeddings/methods/create',
      read: '2026-11-27',
    },
    {
      title: 'Create speech',
      url: 'https://developers.openai.com/api/reference/resources/audio/subresources/speech/methods/create',
      read: '2026-11-27',
    },
    {
      title: 'Create transcription',
      url: 'https://developers.openai.com/api/reference/resources/audio/subresources/transcriptions/methods/create',
      read: '2026-11-27',
    },
    { title: 'Files', url: 'https://developers.openai.com/api/reference/resources/files', read: '2026-11-27' },
    {
      title: 'Fine-tuning',
      url: 'https://developers.openai.com/api/reference/resources/fine_tuning',
      read: '2026-11-27',
    },
    {
      title: 'Images',
      url: 'https://developers.openai.com/api/reference/resources/images',
      read: '2026-11-27',
    },
    { title: 'Videos', url: 'https://developers.openai.com/api/reference/resources/videos', read: '2026-11-27' },
  ],
  baseUrl: (config) => config.base_url ?? 'https://api.openai.com/v1',
  sign: (outbound, config, credential) =>
    withHeaders(outbound, {
      authorization: `Bearer ${requireCredential(credential, title)}`,
      ...(config.organization !== undefined && { 'openai-organization': config.organization }),
      ...(config.project !== undefined && { 'openai-project': config.project }),
    }),
  quirks: { streamUsageOnRequest: true },
  prices: 'openai',
  modelsPath: '/models',
})
