/** Mistral AI. It refuses members that it does not know, such as the newer name of the limit, and calls the seed otherwise. */
import { openaiFiles } from '../kernel/codec/files/openai-files.ts'
import { mistralJobs } from '../kernel/codec/fine-tuning/mistral-jobs.ts'
import { openaiProvider } from '../kernel/openai-provider.ts'

export const mistral = openaiProvider({
  id: 'mistral',
  title: 'Mistral AI',
  env: ['MISTRAL_API_KEY'],
  address: 'https://api.mistral.ai',
  speaks: {
    'openai-chat': {
      verified: true,
      traits: { leaveOut: ['logprobs', 'user', 'service_tier', 'verbosity'] },
      spelling: { seed: 'random_seed' },
    },
  },
  embeddings: {
    verified: true,
    body: (asked) =>
      asked.member('dimensions') === undefined
        ? {}
        : { output_dimension: asked.member('dimensions'), dimensions: undefined },
  },
  transcriptions: { verified: true, dialect: 'mistral-transcriptions' },
  files: () =>
    openaiFiles({ path: '/v1/files', verified: true, purposes: { 'fine-tune': 'fine-tune', batch: 'batch' } }),
  // Newer clients of the service leave these out.
  fineTuning: () => mistralJobs('/v1/fine_tuning/jobs', true),
  prices: 'mistral',
  moderations: { verified: true, dialect: 'mistral-moderations' },
  models: '/models',
  keyUrl: 'https://console.mistral.ai/api-keys',
  docs: [
    {
      title: 'File transcription',
      url: 'https://docs.mistral.ai/studio/audio/speech-to-text/transcribe-files',
      read: '2026-11-27',
    },
    {
      title: 'Mistral Typescript client: AudioTranscriptionRequest',
      url: 'https://github.com/mistralai/client-ts/blob/main/src/models/components/audiotranscriptionrequest.ts',
      read: '2026-11-27',
    },
    {
      title: 'Mistral Typescript client: chatComplete',
      url: 'https://github.com/mistralai/client-ts/blob/main/src/funcs/chatComplete.ts',
      read: '2026-11-27',
    },
    {
      title: 'Mistral OpenAPI client: CompletionArgs',
      url: 'https://docs.rs/crate/mistral-openapi-client/latest/source/docs/CompletionArgs.md',
      read: '2026-11-27',
    },
    {
      title: 'Mistral Fine-tuning API',
      url: 'https://docs.mistral.ai/cookbook/mistral-fine_tune-mistral_finetune_api',
      read: '2026-11-27',
    },
    {
      title: 'Mistral Python client: CompletionDetailedJobOut',
      url: 'https://github.com/mistralai/client-python/blob/main/docs/models/completiondetailedjobout.md',
      read: '2026-11-27',
    },
    { title: 'Embeddings Endpoints', url: 'https://docs.mistral.ai/api/endpoint/embeddings', read: '2026-11-27' },
    {
      title: '@mistralai/mistralai: classifiers.moderate',
      url: 'https://www.npmjs.com/package/@mistralai/mistralai',
      read: '2026-11-27',
    },
  ],
})
