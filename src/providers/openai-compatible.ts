/** Any server that speaks OpenAI's protocols with `choices` at an address of its own: vLLM, llama.cpp, other gateways. */
import { z } from 'zod'
import { basePath, baseUrlField } from '../kernel/base-url.ts'
import { openaiFiles } from '../kernel/codec/files/openai-files.ts'
import { openaiJobs } from '../kernel/codec/fine-tuning/openai-jobs.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'the OpenAI-compatible server'

export const openaiCompatible = defineProvider({
  id: 'openai-compatible',
  title: 'OpenAI-compatible server',
  config: z.strictObject({
    /** A bare origin gets `/v1`, where these servers listen; an address with a path of its own is used as it is. */
    base_url: baseUrlField,
    auth: z
      .enum(['bearer', 'x-api-key', 'api-key', 'none'])
      .default('bearer')
      .describe('Header the key goes into: `authorization: Bearer`, `x-api-key`, `api-key`, or none at all.'),
  }),
  env: [],
  offers: [
    {
      operation: 'chat',
      dialect: 'openai-chat',
      path: () => '/chat/completions',
      // Chat templates of open models know no `developer`, and servers of all ages know the older name of the limit.
      traits: () => ({ developerRole: false, olderMaxTokens: true }),
    },
    { operation: 'chat', dialect: 'openai-completions', path: () => '/completions' },
    { operation: 'embed', dialect: 'openai-embeddings', path: () => '/embeddings' },
    { operation: 'rerank', dialect: 'cohere-rerank-v1', path: () => '/rerank' },
    { operation: 'moderate', dialect: 'openai-moderations', path: () => '/moderations' },
    { operation: 'speech', dialect: 'openai-speech', path: () => '/audio/speech' },
    { operation: 'transcribe', dialect: 'openai-transcriptions', path: () => '/audio/transcriptions' },
    { operation: 'translate-audio', dialect: 'openai-translations', path: () => '/audio/translations' },
    { operation: 'image', dialect: 'openai-images', path: () => '/images/generations' },
    { operation: 'edit-image', dialect: 'openai-image-edits', path: () => '/images/edits' },
    { operation: 'vary-image', dialect: 'openai-image-variations', path: () => '/images/variations' },
    { operation: 'video', dialect: 'openai-videos', path: () => '/videos' },
  ],
  files: () => openaiFiles({ path: '/files', verified: false }),
  fineTuning: () => openaiJobs({ path: '/fine_tuning/jobs', verified: false, pauses: true }),
  keyless: true,
  baseUrl: ({ base_url: base }) => (basePath(base) === '' ? `${base}/v1` : base),
  sign(outbound, { auth }, credential) {
    if (credential === undefined || auth === 'none') return outbound
    const key = requireCredential(credential, title)
    return withHeaders(outbound, auth === 'bearer' ? { authorization: `Bearer ${key}` } : { [auth]: key })
  },
  modelsPath: '/models',
})
