/** Vertex AI: where it is by location, and how each publisher's models are asked. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { AskedFor } from '../../kernel/provider.ts'
import { describeProvider } from '../../kernel/testing/provider-kit.ts'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { playedTransport } from '../../kernel/testing/played-transport.ts'
import { vertex } from './index.ts'

// Whoever runs this may be logged in to Google's cloud.
beforeAll(() => void vi.stubEnv('HOME', '/nowhere'))
afterAll(() => void vi.unstubAllEnvs())

const at = (location: string) => ({ project: 'my-project', location, credentials_file: '/nowhere/key.json' })
const root = (host: string, location: string) => `https://${host}/v1/projects/my-project/locations/${location}`
const counting = (model: string) => ({
  'gemini-count-tokens': `/publishers/google/models/${model}:countTokens`,
  'anthropic-count-tokens': '/publishers/anthropic/models/count-tokens:rawPredict',
})
const vectors = (model: string) => ({
  'gemini-embed': `${model}:embedContent`,
  'vertex-embed': `${model}:predict`,
  'vertex-rank': '/rankingConfigs/default_ranking_config:rank',
  'gemini-speech': `${model}:streamGenerateContent?alt=sse`,
  'vertex-veo': `${model}:predictLongRunning`,
  'gemini-transcription': `${model}:generateContent`,
  'gemini-audio-translation': `${model}:generateContent`,
  'google-synthesize': '/v1/text:synthesize',
  'google-recognize': '/recognizers/_:recognize',
  'gemini-image': `${model}:generateContent`,
  'gemini-image-edit': `${model}:generateContent`,
  imagen: `${model}:predict`,
  'imagen-edit': `${model}:predict`,
})
const signed = { headers: { authorization: 'Bearer ya29.token' }, credentialHeader: 'authorization' }

describeProvider(vertex, {
  context: () => ({
    clock: new FakeClock(),
    transport: playedTransport(() => ({ body: { access_token: 'ya29.machine', expires_in: 3599 } })),
  }),
  cases: [
    {
      name: 'the service account of the machine',
      config: { project: 'my-project', location: 'europe-west4' },
      model: 'gemini-2.5-flash',
      expect: {
        baseUrl: root('europe-west4-aiplatform.googleapis.com', 'europe-west4'),
        paths: {
          gemini: '/publishers/google/models/gemini-2.5-flash:generateContent',
          'anthropic-messages': '/publishers/google/models/gemini-2.5-flash:rawPredict',
          'openai-chat': '/endpoints/openapi/chat/completions',
          ...counting('gemini-2.5-flash'),
          ...vectors('/publishers/google/models/gemini-2.5-flash'),
        },
        headers: { authorization: 'Bearer ya29.machine' },
      },
    },
    {
      name: 'an access token, at the global endpoint, for a stream of Claude',
      config: at('global'),
      credential: 'ya29.token',
      model: 'claude-sonnet-4-5@20250929',
      stream: true,
      expect: {
        baseUrl: root('aiplatform.googleapis.com', 'global'),
        paths: {
          gemini: '/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamGenerateContent?alt=sse',
          'anthropic-messages': '/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict',
          'openai-chat': '/endpoints/openapi/chat/completions',
          'gemini-count-tokens': '/publishers/anthropic/models/claude-sonnet-4-5@20250929:countTokens',
          ...vectors('/publishers/anthropic/models/claude-sonnet-4-5@20250929'),
          'anthropic-count-tokens': '/publishers/anthropic/models/count-tokens:rawPredict',
        },
        ...signed,
      },
    },
    {
      name: 'several regions at once, for a model of Mistral',
      config: at('eu'),
      credential: 'ya29.token',
      model: 'mistral-medium-3',
      expect: {
        baseUrl: root('aiplatform.eu.rep.googleapis.com', 'eu'),
        paths: {
          gemini: '/publishers/mistralai/models/mistral-medium-3:generateContent',
          'anthropic-messages': '/publishers/mistralai/models/mistral-medium-3:rawPredict',
          'openai-chat': '/publishers/mistralai/models/mistral-medium-3:rawPredict',
          'gemini-count-tokens': '/publishers/mistralai/models/mistral-medium-3:countTokens',
          ...vectors('/publishers/mistralai/models/mistral-medium-3'),
          'anthropic-count-tokens': '/publishers/anthropic/models/count-tokens:rawPredict',
        },
        ...signed,
      },
    },
    {
      name: 'a private address and a tuned model',
      config: { ...at('us-central1'), base_url: 'https://psc.example.internal/v1' },
      credential: 'ya29.token',
      model: 'endpoints/1234567890',
      expect: {
        baseUrl: root('psc.example.internal', 'us-central1'),
        paths: {
          gemini: '/endpoints/1234567890:generateContent',
          'anthropic-messages': '/endpoints/1234567890:rawPredict',
          'openai-chat': '/endpoints/openapi/chat/completions',
          'gemini-count-tokens': '/endpoints/1234567890:countTokens',
          ...vectors('/endpoints/1234567890'),
          'anthropic-count-tokens': '/publishers/anthropic/models/count-tokens:rawPredict',
        },
        ...signed,
      },
    },
  ],
  refused: [
    { name: 'no project', config: { location: 'global' } },
    { name: 'no location', config: { project: 'p' } },
    { name: 'an address for a location', config: { project: 'p', location: 'global.evil.example/' } },
    { name: 'a path for a project', config: { project: '../x', location: 'global' } },
    { name: 'a misspelt field', config: { project: 'p', location: 'global', region: 'x' } },
  ],
})

const dialectsFor = (model: string) =>
  vertex.offers.filter((offer) => offer.serves?.(model, undefined) !== false).map(({ dialect }) => dialect)
const bodyOf = (dialect: string, model: string, body: Record<string, unknown> = {}) =>
  vertex.offers
    .find((offer) => offer.dialect === dialect)
    ?.body?.({
      model,
      stream: false,
      header: () => undefined,
      attemptId: 'a.0',
      member: (name) => body[name],
    } as AskedFor)

it('ranks at an address of its own, below the same project', () => {
  const address = (more: object) =>
    vertex.offers
      .find(({ operation }) => operation === 'rerank')
      ?.address?.(vertex.config.parse({ ...at('eu'), ...more }))
  expect(address({})).toBe('https://discoveryengine.googleapis.com/v1/projects/my-project/locations/global')
  expect(address({ base_url: 'https://a.example/v1' })).toBe(
    'https://a.example/v1/projects/my-project/locations/global',
  )
})

const listening = ['gemini-transcription', 'gemini-audio-translation']

describe('a model of Vertex AI', () => {
  it.each([
    ['gemini-2.5-pro', ['gemini', 'openai-chat', ...listening, 'gemini-count-tokens']],
    ['google/gemini-2.5-pro', ['gemini', 'openai-chat', ...listening, 'gemini-count-tokens']],
    ['publishers/google/models/gemini-2.5-pro', ['gemini', 'openai-chat', ...listening, 'gemini-count-tokens']],
    ['gemini-embedding-001', ['gemini', 'openai-chat', 'vertex-embed', 'gemini-count-tokens']],
    ['text-multilingual-embedding-002', ['gemini', 'openai-chat', 'vertex-embed', 'gemini-count-tokens']],
    ['gemini-embedding-2', ['gemini', 'openai-chat', 'gemini-embed', 'gemini-count-tokens']],
    ['semantic-ranker-512@latest', ['gemini', 'openai-chat', 'vertex-rank', 'gemini-count-tokens']],
    ['claude-opus-4-1@20250805', ['anthropic-messages', 'anthropic-count-tokens']],
    ['publishers/anthropic/models/claude-opus-4-1', ['anthropic-messages', 'anthropic-count-tokens']],
    ['meta/llama-4-maverick-17b-128e-instruct-maas', ['openai-chat']],
    ['chirp_3', ['gemini', 'openai-chat', 'google-recognize', 'gemini-count-tokens']],
    ['en-US-Chirp3-HD-Kore', ['gemini', 'openai-chat', 'google-synthesize', 'gemini-count-tokens']],
    ['codestral-2', ['openai-chat']],
    ['deepseek-ai/deepseek-v3.1-maas', ['openai-chat']],
  ])('%s is spoken to in %j', (model, dialects) => {
    expect(dialectsFor(model)).toEqual(dialects)
  })

  it('has no member for the model where the path has it, and a version in its place', () => {
    expect(bodyOf('anthropic-messages', 'claude-opus-4-1')).toEqual({
      anthropic_version: 'vertex-2023-10-16',
      model: undefined,
    })
    expect(bodyOf('anthropic-count-tokens', 'publishers/anthropic/models/claude-opus-4-1')).toEqual({
      anthropic_version: 'vertex-2023-10-16',
      model: 'claude-opus-4-1',
    })
  })

  it.each([
    ['gemini-2.5-pro', 'google/gemini-2.5-pro'],
    ['llama-3.3-70b-instruct-maas', 'meta/llama-3.3-70b-instruct-maas'],
    ['publishers/qwen/models/qwen3', 'qwen/qwen3'],
    ['mistralai/mistral-medium-3', 'mistral-medium-3'],
  ])('%s is called %s in an OpenAI body', (model, name) => {
    expect(bodyOf('openai-chat', model)).toEqual({ model: name })
  })

  it('is counted for without a wrapper around the request', () => {
    const wrapped = { generateContentRequest: { model: 'models/g', contents: [], tools: [{}] } }
    expect(bodyOf('gemini-count-tokens', 'g', wrapped)).toEqual({
      generateContentRequest: undefined,
      contents: [],
      tools: [{}],
    })
    expect(bodyOf('gemini-count-tokens', 'g', { contents: [] })).toEqual({})
  })

  it.each(['../../x', 'a/../b', '.', 'publishers/../models/..'])('named %j leads to no other path', (model) => {
    for (const offer of vertex.offers) expect(offer.path(model, false)).not.toMatch(/\/\.\.?(?:\/|:|$)/)
  })
})
