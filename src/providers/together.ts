/** Together AI: open models behind OpenAI's protocols. */
import { openaiFiles } from '../kernel/codec/files/openai-files.ts'
import { togetherJobs } from '../kernel/codec/fine-tuning/together-jobs.ts'
import { openaiProvider } from '../kernel/openai-provider.ts'

export const together = openaiProvider({
  id: 'together',
  title: 'Together AI',
  env: ['TOGETHER_API_KEY'],
  address: 'https://api.together.ai',
  speaks: {
    'openai-chat': { verified: true },
    'openai-completions': { verified: true },
  },
  embeddings: { verified: true },
  rerank: { verified: true },
  files: () =>
    openaiFiles({
      path: '/v1/files',
      uploadPath: '/v1/files/upload',
      nameField: 'file_name',
      verified: true,
      purposes: { 'fine-tune': 'fine-tune', batch: 'batch-api', evals: 'eval' },
    }),
  fineTuning: () => togetherJobs('/v1/fine-tunes', true),
  offers: [
    {
      operation: 'image',
      dialect: 'together-images',
      verified: true,
      path: () => '/v1/images/generations',
      maxInputs: 4,
    },
    {
      operation: 'edit-image',
      dialect: 'together-image-edits',
      verified: true,
      path: () => '/v1/images/generations',
      maxInputs: 4,
    },
  ],
  prices: 'together',
  models: '/models',
  keyUrl: 'https://api.together.ai/settings/api-keys',
  docs: [
    {
      title: 'OpenAI compatibility',
      url: 'https://docs.together.ai/docs/inference/openai-compatibility',
      read: '2026-11-27',
    },
    { title: 'Upload a file', url: 'https://docs.together.ai/reference/upload-file', read: '2026-11-27' },
    { title: 'Create job', url: 'https://docs.together.ai/reference/post-fine-tunes', read: '2026-11-27' },
    {
      title: 'List checkpoints',
      url: 'https://docs.together.ai/reference/get-fine-tunes-id-checkpoint',
      read: '2026-11-27',
    },
    {
      title: 'Parameters of images in the official library',
      url: 'https://github.com/togethercomputer/together-py/blob/main/src/together/types/image_generate_params.py',
      read: '2026-11-27',
    },
    { title: 'Rerank', url: 'https://docs.together.ai/docs/rerank-overview', read: '2026-11-27' },
  ],
})
