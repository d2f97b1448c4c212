/**
 * Google Cloud's Vertex AI: Gemini in its own protocol, Claude in Anthropic's with the model in the path ("Claude on Vertex AI",
 * platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai), Mistral's models in OpenAI's at a path of their own ("Mistral AI
 * models", cloud.google.com/vertex-ai/generative-ai/docs/partner-models/mistral), all others at the OpenAI-compatible endpoint ("Call
 * MaaS APIs for open models", cloud.google.com/vertex-ai/generative-ai/docs/maas/call-open-model-apis). Hosts by location as in
 * Google's and Anthropic's SDKs (googleapis/js-genai, anthropics/anthropic-sdk-typescript; read 2026-11).
 */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { baseUrlField } from '../../kernel/base-url.ts'
import { fileField } from '../../kernel/identity/fields.ts'
import { identityFault } from '../../kernel/identity/identity-fault.ts'
import { fileProblem, readIdentityFile } from '../../kernel/identity/readable-file.ts'
import { bearerSigner } from '../../kernel/identity/token-signer.ts'
import { TokenSource } from '../../kernel/identity/token-source.ts'
import { defineProvider } from '../../kernel/provider.ts'
import type { AskedFor, Offer, ProviderConfig } from '../../kernel/provider.ts'
import { requireCredential, withHeaders } from '../../kernel/signature.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { readCredentials } from './credentials.ts'
import type { GoogleCredentials } from './credentials.ts'
import { methodPath, published } from './publishers.ts'
import { title, tokenFor, tokenOfMachine } from './tokens.ts'

interface VertexConfig extends ProviderConfig {
  readonly project: string
  readonly location: string
  readonly credentials_file?: string | undefined
  readonly metadata_server?: string | undefined
}

const config = z.strictObject({
  base_url: baseUrlField
    .optional()
    .describe('Address of the service, such as that of a private endpoint, with or without `/v1`.'),
  project: z
    .string({ error: 'must be set, here or by GOOGLE_CLOUD_PROJECT in the environment' })
    .regex(/^[a-z0-9.:-]+$/, { error: 'is not the id of a project' })
    .describe('Id of the project that is billed.'),
  location: z
    .string({
      error: 'must be set, here or by GOOGLE_CLOUD_LOCATION in the environment: a region, `us`, `eu` or `global`',
    })
    .regex(/^[a-z0-9-]+$/, { error: 'is not a location, such as europe-west4 or global' })
    .describe('Where models are asked: a region such as `europe-west4`, `us`, `eu`, or `global`.'),
  credentials_file: fileField
    .optional()
    .describe(
      'Credential file: a key of a service account, application default credentials, or workload identity federation. ' +
        "If not given, what `gcloud auth application-default login` has left, else the machine's own service account.",
    ),
  metadata_server: baseUrlField
    .optional()
    .describe('Where the machine asks for tokens of its service account. `http://169.254.169.254` if not given.'),
})

/** The service's version of Anthropic's protocol, which its body has in place of the model. */
const anthropicVersion = 'vertex-2023-10-16'

const isAnthropic = (model: string): boolean => published(model).publisher === 'anthropic'
const isGoogle = (model: string): boolean => published(model).publisher === 'google'

/** Makes vectors of texts; those of pictures are asked otherwise. */
const isEmbedding = (model: string): boolean =>
  isGoogle(model) && model.includes('embedding') && !model.includes('multimodal')
/** A voice of Text-to-Speech by its full name, `de-DE-Neural2-G`, or one of the kinds of them. */
const isVoice = (model: string): boolean =>
  /^(?:[a-z]{2,3}-(?:[A-Z]{2}|\d{3})-|chirp3?-hd|neural2|studio|wavenet|standard|polyglot|news|casual)/.test(model)
const isGemini = (model: string): boolean => model.includes('gemini')
/** The first of Gemini's, and all before it, are asked by `predict`, later ones by `embedContent`: as @google/genai tells them apart. */
const isFirst = (model: string): boolean => model.includes('gemini-embedding-001')

/** Mistral's models know their bare names, the endpoint for all others wants the publisher too. */
function openaiModel(model: string): string {
  const { publisher, name } = published(model)
  return publisher === 'mistralai' || model.startsWith('endpoints/') ? name : `${publisher}/${name}`
}

/** Counting takes no whole request in a wrapper here: its members stand at the top. */
function unwrapped(asked: AskedFor): Record<string, JsonValue | undefined> {
  const request = asked.member('generateContentRequest')
  if (!isJsonObject(request)) return {}
  const { model: _, ...rest } = request
  return { generateContentRequest: undefined, ...rest }
}

export const vertex = defineProvider<VertexConfig>({
  id: 'vertex',
  title: 'Google Cloud Vertex AI',
  config,
  docs: [
    {
      title: 'Claude on Vertex AI',
      url: 'https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai',
      read: '2026-11-27',
    },
    {
      title: 'Mistral AI models',
      url: 'https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/mistral',
      read: '2026-11-27',
    },
    {
      title: 'Call MaaS APIs for open models',
      url: 'https://cloud.google.com/vertex-ai/generative-ai/docs/maas/call-open-model-apis',
      read: '2026-11-27',
    },
    {
      title: 'Method: projects.locations.rankingConfigs.rank',
      url: 'https://cloud.google.com/generative-ai-app-builder/docs/reference/rest/v1/projects.locations.rankingConfigs/rank',
      read: '2026-11-27',
    },
    {
      title: 'Migrate to Gemini 3.8 TTS',
      url: 'https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/text-to-speech/migration-guide',
      read: '2026-11-27',
    },
    {
      title: 'Text-to-Speech: text.synthesize',
      url: 'https://cloud.google.com/text-to-speech/docs/reference/rest/v1/text/synthesize',
      read: '2026-11-27',
    },
    {
      title: 'Speech-to-Text: recognizers.recognize',
      url: 'https://docs.cloud.google.com/speech-to-text/docs/reference/rest/v2/projects.locations.recognizers/recognize',
      read: '2026-11-27',
    },
    {
      title: 'Imagen API',
      url: 'https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/imagen-api',
      read: '2026-11-27',
    },
    {
      title: 'Veo video generation API',
      url: 'https://docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/veo-video-generation',
      read: '2026-11-27',
    },
    {
      title: '@google/genai 3.3.0: embedContent, and films of Vertex AI',
      url: 'https://www.npmjs.com/package/@google/genai',
      read: '2026-11-27',
    },
  ],
  env: [],
  fieldEnv: [
    { project: ['GOOGLE_CLOUD_PROJECT', 'ANTHROPIC_VERTEX_PROJECT_ID'] },
    { location: ['GOOGLE_CLOUD_LOCATION', 'CLOUD_ML_REGION'] },
    { credentials_file: ['GOOGLE_APPLICATION_CREDENTIALS'] },
  ],
  keyless: true,
  offers: [
    {
      operation: 'chat',
      dialect: 'gemini',
      verified: true,
      serves: isGoogle,
      path: (model, stream) => methodPath(model, stream ? 'streamGenerateContent?alt=sse' : 'generateContent'),
    },
    {
      operation: 'chat',
      dialect: 'anthropic-messages',
      verified: true,
      serves: isAnthropic,
      path: (model, stream) => methodPath(model, stream ? 'streamRawPredict' : 'rawPredict'),
      body: () => ({ anthropic_version: anthropicVersion, model: undefined }),
      // "Vision", platform.claude.com/docs/en/build-with-claude/vision: base64 sources only.
      traits: () => ({ mediaUrls: [] }),
    },
    {
      operation: 'chat',
      dialect: 'openai-chat',
      verified: true,
      serves: (model) => !isAnthropic(model),
      path: (model, stream) =>
        published(model).publisher === 'mistralai'
          ? methodPath(model, stream ? 'streamRawPredict' : 'rawPredict')
          : '/endpoints/openapi/chat/completions',
      body: ({ model }) => ({ model: openaiModel(model) }),
      // Chat templates of open models know no `developer`.
      traits: () => ({ developerRole: false }),
    },
    {
      operation: 'embed',
      dialect: 'gemini-embed',
      verified: true,
      serves: (model) => isEmbedding(model) && isGemini(model) && !isFirst(model),
      path: (model) => methodPath(model, 'embedContent'),
      maxInputs: 1,
    },
    {
      operation: 'embed',
      dialect: 'vertex-embed',
      verified: true,
      serves: (model) => isEmbedding(model) && (isFirst(model) || !isGemini(model)),
      path: (model) => methodPath(model, 'predict'),
      maxInputs: (model) => (isGemini(model) ? 1 : 250),
    },
    ...(
      [
        ['image', 'gemini-image'],
        ['edit-image', 'gemini-image-edit'],
      ] as const
    ).map(([operation, dialect]): Offer => ({
      operation,
      dialect,
      verified: true,
      serves: (model) => isGoogle(model) && isGemini(model) && model.includes('image'),
      path: (model) => methodPath(model, 'generateContent'),
      maxInputs: 1,
    })),
    ...(
      [
        ['image', 'imagen'],
        ['edit-image', 'imagen-edit'],
      ] as const
    ).map(([operation, dialect]): Offer => ({
      operation,
      dialect,
      verified: true,
      serves: (model) => isGoogle(model) && model.includes('imagen'),
      path: (model) => methodPath(model, 'predict'),
      maxInputs: 4,
    })),
    {
      operation: 'speech',
      dialect: 'gemini-speech',
      verified: true,
      serves: (model) => isGoogle(model) && isGemini(model) && model.includes('tts'),
      path: (model) => methodPath(model, 'streamGenerateContent?alt=sse'),
    },
    {
      operation: 'video',
      dialect: 'vertex-veo',
      verified: true,
      serves: (model) => isGoogle(model) && model.includes('veo'),
      path: (model) => methodPath(model, 'predictLongRunning'),
    },
    {
      operation: 'speech',
      dialect: 'google-synthesize',
      verified: true,
      serves: isVoice,
      address: ({ base_url: base, location }: VertexConfig) =>
        base?.replace(/\/v1$/, '') ??
        `https://${location === 'us' || location === 'eu' ? `${location}-` : ''}texttospeech.googleapis.com`,
      path: () => '/v1/text:synthesize',
    },
    {
      operation: 'transcribe',
      dialect: 'google-recognize',
      verified: true,
      serves: (model) => /^(?:chirp|latest_|long|short|telephony|medical_)/.test(model) && !isVoice(model),
      address: ({ base_url: base, location, project }: VertexConfig) =>
        `${base?.replace(/\/v1$/, '') ?? `https://${location === 'global' ? '' : `${location}-`}speech.googleapis.com`}/v2/projects/${project}/locations/${location}`,
      path: () => '/recognizers/_:recognize',
    },
    ...(
      [
        ['transcribe', 'gemini-transcription'],
        ['translate-audio', 'gemini-audio-translation'],
      ] as const
    ).map(([operation, dialect]): Offer => ({
      operation,
      dialect,
      verified: true,
      serves: (model) => isGoogle(model) && isGemini(model) && !/tts|image|embedding|live/.test(model),
      path: (model) => methodPath(model, 'generateContent'),
    })),
    {
      operation: 'rerank',
      dialect: 'vertex-rank',
      verified: true,
      serves: (model) => model.includes('semantic-ranker'),
      address: ({ base_url: base = 'https://discoveryengine.googleapis.com', project }: VertexConfig) =>
        `${base.replace(/\/v1$/, '')}/v1/projects/${project}/locations/global`,
      path: () => '/rankingConfigs/default_ranking_config:rank',
    },
    {
      operation: 'count-tokens',
      dialect: 'gemini-count-tokens',
      verified: true,
      serves: isGoogle,
      path: (model) => methodPath(model, 'countTokens'),
      body: unwrapped,
    },
    {
      operation: 'count-tokens',
      dialect: 'anthropic-count-tokens',
      verified: true,
      serves: isAnthropic,
      path: () => '/publishers/anthropic/models/count-tokens:rawPredict',
      body: ({ model }) => ({ anthropic_version: anthropicVersion, model: published(model).name }),
    },
  ],
  baseUrl({ base_url: base, project, location }) {
    const service = (base ?? `https://${hostOf(location)}`).replace(/\/v1$/, '')
    return `${service}/v1/projects/${project}/locations/${location}`
  },
  /** A credential is an access token that somebody else has got. */
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, { authorization: `Bearer ${requireCredential(credential, title)}` }),
  open(fields, context) {
    const { metadata_server: server = 'http://169.254.169.254' } = fields
    const source = new TokenSource(context.clock, async () => {
      const credentials = credentialsOf(fields)
      return credentials === undefined ? tokenOfMachine(server, context) : tokenFor(credentials, context)
    })
    return bearerSigner(source, title)
  },
  problems({ credentials_file: file }) {
    const message = file === undefined ? undefined : (fileProblem(file) ?? contentProblem(file))
    return message === undefined ? [] : [{ field: 'credentials_file', message }]
  },
  prices: 'google',
})

function hostOf(location: string): string {
  if (location === 'global') return 'aiplatform.googleapis.com'
  return location === 'us' || location === 'eu'
    ? `aiplatform.${location}.rep.googleapis.com`
    : `${location}-aiplatform.googleapis.com`
}

/** Where gcloud leaves them. */
const defaultFile = (): string => join(homedir(), '.config', 'gcloud', 'application_default_credentials.json')

/** Undefined where the machine itself has to be asked. Read anew each time, because files are rotated. */
function credentialsOf({ credentials_file: configured }: VertexConfig): GoogleCredentials | undefined {
  const file = configured ?? (existsSync(defaultFile()) ? defaultFile() : undefined)
  if (file === undefined) return undefined
  const read = readCredentials(readIdentityFile(file, { provider: title, field: 'credentials_file' }))
  if (typeof read !== 'string') return read
  throw identityFault(`${title}: the file in \`credentials_file\` ${read}. Get a new one.`)
}

function contentProblem(file: string): string | undefined {
  const read = readCredentials(readIdentityFile(file, { provider: title, field: 'credentials_file' }))
  return typeof read === 'string' ? read : undefined
}
