/**
 * Azure OpenAI. The v1 API is OpenAI's own with the deployment as the model ("Azure OpenAI in Microsoft Foundry Models v1 API",
 * learn.microsoft.com/azure/foundry/openai/api-version-lifecycle, read 2026-11); the older one has the deployment in the path and a
 * version in the query ("Azure OpenAI in Azure AI Foundry Models REST API reference", learn.microsoft.com/azure/ai-services/openai/
 * reference), but Responses, which stand beside the deployments. A key goes into `api-key`, a token into `authorization`.
 */
import { z } from 'zod'
import { openaiFiles } from '../../kernel/codec/files/openai-files.ts'
import { openaiJobs } from '../../kernel/codec/fine-tuning/openai-jobs.ts'
import { defineProvider } from '../../kernel/provider.ts'
import type { Offer } from '../../kernel/provider.ts'
import { requireCredential, withHeaders } from '../../kernel/signature.ts'
import { addressFields, checkAddress, endpointOf } from './address.ts'
import type { AzureConfig } from './address.ts'
import { checkEntra, entraEnv, entraFields, entraProblems, entraSigner, hasEntraIdentity } from './entra.ts'
import { pathStep } from '../../kernel/path-step.ts'

const title = 'Azure OpenAI'
const scope = 'https://cognitiveservices.azure.com/.default'

const offers: readonly Offer[] = [
  { operation: 'chat', dialect: 'openai-chat', verified: true, path: () => '/openai/v1/chat/completions' },
  { operation: 'chat', dialect: 'openai-responses', verified: true, path: () => '/openai/v1/responses' },
  { operation: 'chat', dialect: 'openai-completions', path: () => '/openai/v1/completions' },
  { operation: 'embed', dialect: 'openai-embeddings', path: () => '/openai/v1/embeddings', maxInputs: 2048 },
  { operation: 'speech', dialect: 'openai-speech', verified: true, path: () => '/openai/v1/audio/speech' },
  { operation: 'transcribe', dialect: 'openai-transcriptions', path: () => '/openai/v1/audio/transcriptions' },
  { operation: 'translate-audio', dialect: 'openai-translations', path: () => '/openai/v1/audio/translations' },
  { operation: 'image', dialect: 'openai-images', path: () => '/openai/v1/images/generations' },
  { operation: 'edit-image', dialect: 'openai-image-edits', path: () => '/openai/v1/images/edits' },
  // "Sora 2 uses the Azure OpenAI v1 API, aligning with OpenAI's native Sora 2 schema": below, "Video generation".
  { operation: 'video', dialect: 'openai-videos', verified: true, path: () => '/openai/v1/videos' },
]

function offersAt(version: string): readonly Offer[] {
  const of = (path: string): Offer['path'] => {
    return (deployment) => `/openai/deployments/${pathStep(deployment)}${path}?api-version=${version}`
  }
  return [
    { operation: 'chat', dialect: 'openai-chat', verified: true, path: of('/chat/completions') },
    {
      operation: 'chat',
      dialect: 'openai-responses',
      verified: true,
      path: () => `/openai/responses?api-version=${version}`,
    },
    { operation: 'chat', dialect: 'openai-completions', path: of('/completions') },
    { operation: 'embed', dialect: 'openai-embeddings', path: of('/embeddings'), maxInputs: 2048 },
    { operation: 'speech', dialect: 'openai-speech', verified: true, path: of('/audio/speech') },
    { operation: 'transcribe', dialect: 'openai-transcriptions', verified: true, path: of('/audio/transcriptions') },
    { operation: 'translate-audio', dialect: 'openai-translations', path: of('/audio/translations') },
    { operation: 'image', dialect: 'openai-images', verified: true, path: of('/images/generations') },
    { operation: 'edit-image', dialect: 'openai-image-edits', path: of('/images/edits') },
    // Films are made by the v1 API alone.
    { operation: 'video', dialect: 'openai-videos', verified: true, path: () => '/openai/v1/videos' },
  ]
}

export const azure = defineProvider<AzureConfig>({
  id: 'azure',
  deploymentNames: true,
  title,
  config: z.strictObject({ ...addressFields, ...entraFields }).superRefine((fields, context) => {
    const complain = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message })
    checkAddress(fields, complain)
    checkEntra(fields, complain)
  }),
  keyUrl: 'https://ai.azure.com',
  docs: [
    {
      title: 'Azure OpenAI in Microsoft Foundry Models v1 API',
      url: 'https://learn.microsoft.com/en-us/azure/foundry/openai/api-version-lifecycle',
      read: '2026-11-27',
    },
    {
      title: 'Azure OpenAI REST API preview reference: Create speech',
      url: 'https://learn.microsoft.com/en-us/azure/ai-services/openai/reference-preview-latest',
      read: '2026-11-27',
    },
    {
      title: 'Azure OpenAI API (deployments)',
      url: 'https://github.com/api-evangelist/microsoft-azure/blob/main/openapi/azure-openai-api-openapi-original.yml',
      read: '2026-11-27',
    },
    {
      title: 'Files - Upload',
      url: 'https://learn.microsoft.com/en-us/rest/api/azureopenai/files/upload',
      read: '2026-11-27',
    },
    {
      title: 'Fine Tuning - Create',
      url: 'https://learn.microsoft.com/en-us/rest/api/azureopenai/fine-tuning/create',
      read: '2026-11-27',
    },
    {
      title: 'Video generation with Sora 2',
      url: 'https://learn.microsoft.com/en-us/azure/foundry/openai/concepts/video-generation',
      read: '2026-11-27',
    },
    {
      title: 'Content filtering annotations',
      url: 'https://learn.microsoft.com/en-us/azure/ai-services/openai/concepts/content-filter-annotations',
      read: '2026-11-27',
    },
  ],
  env: ['AZURE_OPENAI_API_KEY'],
  fieldEnv: [{ base_url: ['AZURE_OPENAI_ENDPOINT'], resource: [] }, ...entraEnv],
  needsCredential: (config) => !hasEntraIdentity(config),
  offers,
  offersOf: ({ api_version: version }) => (version === undefined ? offers : offersAt(version)),
  files: ({ api_version: version }) =>
    openaiFiles(
      version === undefined
        ? { path: '/openai/v1/files', verified: true }
        : { path: '/openai/files', query: `?api-version=${version}`, verified: true },
    ),
  fineTuning: ({ api_version: version }) =>
    openaiJobs(
      version === undefined
        ? { path: '/openai/v1/fine_tuning/jobs', verified: true, pauses: true }
        : { path: '/openai/fine_tuning/jobs', query: `?api-version=${version}`, verified: true, pauses: false },
    ),
  baseUrl: (config) => endpointOf(config, 'openai.azure.com'),
  sign: (outbound, _config, credential) => withHeaders(outbound, { 'api-key': requireCredential(credential, title) }),
  open: (config, context) => entraSigner(config, { title, scope }, context),
  problems: entraProblems,
  quirks: { streamUsageOnRequest: true },
  prices: 'azure',
})
