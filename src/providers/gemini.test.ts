/** Google's service: where it is, what it wants to be told, and what it says of its models. */
import { expect, it } from 'vitest'
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { geminiProvider } from './gemini.ts'

const signed = (key: string) => ({
  headers: { 'x-goog-api-key': key },
  headersOf: { 'openai-chat': { authorization: `Bearer ${key}` } },
  credentialHeader: 'x-goog-api-key',
})
const paths = (model: string, method: string) => ({
  gemini: `/v1beta/${model}:${method}`,
  'openai-chat': '/v1beta/openai/chat/completions',
  'gemini-count-tokens': `/v1beta/${model}:countTokens`,
  'gemini-batch-embed': `/v1beta/${model}:batchEmbedContents`,
  'gemini-embed': `/v1beta/${model}:embedContent`,
  'gemini-speech': `/v1beta/${model}:streamGenerateContent?alt=sse`,
  veo: `/v1beta/${model}:predictLongRunning`,
  'gemini-transcription': `/v1beta/${model}:generateContent`,
  'gemini-audio-translation': `/v1beta/${model}:generateContent`,
  'gemini-image': `/v1beta/${model}:generateContent`,
  'gemini-image-edit': `/v1beta/${model}:generateContent`,
  imagen: `/v1beta/${model}:predict`,
})

describeProvider(geminiProvider, {
  cases: [
    {
      name: 'nothing but a key',
      config: {},
      credential: 'AIza-test-1',
      model: 'gemini-2.5-flash',
      expect: {
        baseUrl: 'https://generativelanguage.googleapis.com',
        paths: paths('models/gemini-2.5-flash', 'generateContent'),
        ...signed('AIza-test-1'),
      },
    },
    {
      name: 'a stream, at an address of its own with the version in it',
      config: { base_url: 'https://gateway.example/google/v1beta/' },
      credential: 'AIza-test-2',
      model: 'models/gemini-3-pro-preview',
      stream: true,
      expect: {
        baseUrl: 'https://gateway.example/google',
        paths: paths('models/gemini-3-pro-preview', 'streamGenerateContent?alt=sse'),
        ...signed('AIza-test-2'),
      },
    },
    {
      name: 'a tuned model, and a name that is no path',
      config: {},
      credential: 'AIza-test-3',
      model: 'tunedModels/a?b#c',
      expect: {
        baseUrl: 'https://generativelanguage.googleapis.com',
        paths: paths('tunedModels/a%3Fb%23c', 'generateContent'),
        ...signed('AIza-test-3'),
      },
    },
  ],
  refused: [
    { name: 'a base URL that is not http', config: { base_url: 'ftp://generativelanguage.googleapis.com' } },
    { name: 'a key in the base URL', config: { base_url: 'https://generativelanguage.googleapis.com?key=1' } },
    { name: 'a misspelt field', config: { baseurl: 'https://generativelanguage.googleapis.com' } },
  ],
})

it('offers its own protocol first, which has most to say', () => {
  expect(geminiProvider.offers[0]?.dialect).toBe('gemini')
})

it('lets no name of a model lead to another path', () => {
  expect(geminiProvider.offers[0]?.path('../../v1/files/x', false)).toBe(
    '/v1beta/models/-/-/v1/files/x:generateContent',
  )
})

it('reads the names of models that generate content, embed it or draw', () => {
  const methods = ['generateContent', 'countTokens']
  const answer = {
    models: [
      { name: 'models/gemini-2.5-flash', supportedGenerationMethods: methods },
      { name: 'models/gemini-embedding-001', supportedGenerationMethods: ['embedContent'] },
      { name: 'models/imagen-4.0-generate-001', supportedGenerationMethods: ['predict'] },
      { name: 'models/veo-3.1-generate-preview', supportedGenerationMethods: ['predictLongRunning'] },
      { name: 'tunedModels/mine' },
      { displayName: 'nameless' },
      null,
    ],
  }
  expect(geminiProvider.modelNames?.(answer)).toEqual([
    'gemini-2.5-flash',
    'gemini-embedding-001',
    'imagen-4.0-generate-001',
    'tunedModels/mine',
  ])
  expect(geminiProvider.modelNames?.({ data: [] })).toBeUndefined()
})

it.each([
  ['gemini-2.5-flash', 65_536],
  ['gemini-2.5-flash-lite', 65_536],
  ['gemini-3-pro-preview', 65_536],
  ['gemini-3.1-flash-lite', 65_536],
  ['gemini-2.0-flash-001', 8192],
])('knows that %s can write %i tokens', (model, tokens) => {
  expect(geminiProvider.limits?.(model)).toEqual({ maxOutput: tokens })
})

it.each(['gemini-2.5-flash-image', 'gemini-2.5-pro-preview-tts', 'gemini-flash-latest', 'gemma-3-27b-it', ''])(
  'does not guess the limit of %j',
  (model) => {
    expect(geminiProvider.limits?.(model)).toEqual({})
  },
)
