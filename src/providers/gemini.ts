/**
 * Google's Gemini API, as its reference describes it (ai.google.dev/api): keys go into `x-goog-api-key`, but into a bearer token at the
 * path that speaks OpenAI's protocol (ai.google.dev/gemini-api/docs/openai).
 */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'
import { isJsonObject } from '../model/json.ts'
import { pathStep } from '../kernel/path-step.ts'

const title = 'Google Gemini'
const version = '/v1beta'
const openaiPaths = `${version}/openai/`

/**
 * The most output tokens by model family, first match wins; models that draw or speak are not among them. Sources, read 2026-11:
 * ai.google.dev/gemini-api/docs/models/gemini-2.0-flash and …/gemini-3-flash-preview; for 2.5
 * docs.oracle.com/en-us/iaas/Content/generative-ai/google-gemini-2-5-flash.htm.
 */
const maxOutput: readonly (readonly [family: RegExp, tokens: number])[] = [
  [/image|tts|audio|live/, 0],
  [/^gemini-2\.0-flash/, 8192],
  [/^gemini-2\.5-(pro|flash)\b/, 65_536],
  [/^gemini-3(\.\d+)?-(pro|flash)\b/, 65_536],
]

/** A model by its bare name, or a resource of another kind (`tunedModels/…`) by its path. Nothing leads to any other. */
function resource(model: string): string {
  const path = /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`
  const segments = path.split('/').map((segment) => pathStep(segment))
  return segments.join('/')
}

/** What a model has to be asked by to be of use here. */
const usable = ['generateContent', 'embedContent', 'predict']

/** Answers questions about sound, as all do that neither speak, draw nor make vectors. */
const listens = (model: string): boolean =>
  model.includes('gemini') && !/tts|image|embedding|live|computer-use/.test(model)

const draws = (model: string): boolean => /gemini.*image|nano-banana/.test(model)

export const geminiProvider = defineProvider({
  id: 'gemini',
  title,
  formerly: ['palm'],
  config: z.strictObject({
    /** With or without `/v1beta`, which every path begins with. */
    base_url: baseUrlField.optional(),
  }),
  env: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  offers: [
    {
      operation: 'chat',
      dialect: 'gemini',
      verified: true,
      path: (model, stream) =>
        `${version}/${resource(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    },
    { operation: 'chat', dialect: 'openai-chat', verified: true, path: () => `${openaiPaths}chat/completions` },
    {
      operation: 'count-tokens',
      dialect: 'gemini-count-tokens',
      verified: true,
      path: (model) => `${version}/${resource(model)}:countTokens`,
    },
    {
      // First, because it serves for one text and for many.
      operation: 'embed',
      dialect: 'gemini-batch-embed',
      path: (model) => `${version}/${resource(model)}:batchEmbedContents`,
      // The API refuses more ("at most 100 requests can be in one batch"), which its reference does not say:
      // github.com/langchain-ai/langchainjs/issues/4491
      maxInputs: 100,
    },
    {
      operation: 'embed',
      dialect: 'gemini-embed',
      path: (model) => `${version}/${resource(model)}:embedContent`,
    },
    {
      operation: 'image',
      dialect: 'gemini-image',
      verified: true,
      serves: draws,
      path: (model) => `${version}/${resource(model)}:generateContent`,
      maxInputs: 1,
    },
    {
      operation: 'edit-image',
      dialect: 'gemini-image-edit',
      verified: true,
      serves: draws,
      path: (model) => `${version}/${resource(model)}:generateContent`,
      maxInputs: 1,
    },
    {
      operation: 'image',
      dialect: 'imagen',
      serves: (model) => model.includes('imagen'),
      path: (model) => `${version}/${resource(model)}:predict`,
      maxInputs: 4,
    },
    {
      operation: 'speech',
      dialect: 'gemini-speech',
      verified: true,
      serves: (model) => model.includes('tts'),
      path: (model) => `${version}/${resource(model)}:streamGenerateContent?alt=sse`,
    },
    {
      operation: 'video',
      dialect: 'veo',
      // Google's own library reads such operations, but since 3.3.0 it orders films of Vertex AI alone.
      verified: false,
      serves: (model) => model.includes('veo'),
      path: (model) => `${version}/${resource(model)}:predictLongRunning`,
    },
    {
      operation: 'transcribe',
      dialect: 'gemini-transcription',
      verified: true,
      serves: listens,
      path: (model) => `${version}/${resource(model)}:generateContent`,
    },
    {
      operation: 'translate-audio',
      dialect: 'gemini-audio-translation',
      verified: true,
      serves: listens,
      path: (model) => `${version}/${resource(model)}:generateContent`,
    },
  ],
  keyUrl: 'https://aistudio.google.com/apikey',
  keyPrefixes: ['AIza'],
  docs: [
    { title: 'Gemini API reference', url: 'https://ai.google.dev/api', read: '2026-11-27' },
    { title: 'OpenAI compatibility', url: 'https://ai.google.dev/gemini-api/docs/openai', read: '2026-11-27' },
    { title: 'Audio understanding', url: 'https://ai.google.dev/gemini-api/docs/audio', read: '2026-11-27' },
    { title: 'Image generation', url: 'https://ai.google.dev/gemini-api/docs/image-generation', read: '2026-11-27' },
    {
      title: '@google/genai 3.3.0: pictures, and operations that make films',
      url: 'https://www.npmjs.com/package/@google/genai',
      read: '2026-11-27',
    },
    {
      title: 'Migrate to Gemini 3.8 TTS',
      url: 'https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/text-to-speech/migration-guide',
      read: '2026-11-27',
    },
  ],
  baseUrl: ({ base_url: base = 'https://generativelanguage.googleapis.com' }) =>
    base.endsWith(version) ? base.slice(0, -version.length) : base,
  sign(outbound, _config, credential) {
    const key = requireCredential(credential, title)
    return withHeaders(
      outbound,
      outbound.path.includes(openaiPaths) ? { authorization: `Bearer ${key}` } : { 'x-goog-api-key': key },
    )
  },
  limits(model) {
    const tokens = maxOutput.find(([family]) => family.test(model))?.[1] ?? 0
    return tokens === 0 ? {} : { maxOutput: tokens }
  },
  prices: 'google',
  // A page holds 50 models unless asked for more; 1000 is the most.
  modelsPath: `${version}/models?pageSize=1000`,
  /** Named by their paths; those that make films alone, in ways of their own, are of no use here. */
  modelNames({ models }) {
    if (!Array.isArray(models)) return undefined
    return models.flatMap((model) => {
      if (!isJsonObject(model) || typeof model['name'] !== 'string') return []
      const methods = model['supportedGenerationMethods']
      const served = !Array.isArray(methods) || usable.some((method) => methods.includes(method))
      return served ? [model['name'].replace(/^models\//, '')] : []
    })
  },
})
