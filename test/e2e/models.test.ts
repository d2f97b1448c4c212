/** What official clients of every protocol are told about models: limits and abilities where the catalog knows them. */
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatUsd, parseUsd } from '../../src/model/money.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { openai as protocol } from '../harness/protocols.ts'
import { json, startUpstream } from '../harness/upstream.ts'

const cheap = 'meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo'

let gateway: Gateway
let openai: OpenAI
let anthropic: Anthropic
beforeAll(async () => {
  gateway = await startGateway(`
providers:
  sim: {}
  oai: { use: openai, credentials: [none, other] }
  claude: { use: anthropic, credentials: none }
  deep: { use: deepinfra, credentials: none, models: [${cheap}, made-up] }
aliases: { quick: oai/gpt-4o-mini, limited: capped }
models:
  capped: { deployments: [{ provider: oai, model: gpt-4o-mini, max_output: 100 }] }
routers: { main: { strategy: fallback, targets: [oai/gpt-4o-mini, claude/claude-sonnet-4-5-20250929] }, odd: { strategy: fallback, targets: [quick, sim/text] } }
keys:
  - { name: test, secret: ${clientKey}, models: ["*"] }
  - { name: narrow, secret: narrow-key-0123456789, models: ["claude/*"] }
`)
  openai = new OpenAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
  anthropic = new Anthropic({ apiKey: clientKey, baseURL: gateway.url, maxRetries: 0 })
})
afterAll(() => gateway[Symbol.asyncDispose]())

interface Full extends OpenAI.Model {
  readonly kind: string
  readonly deployments: readonly {
    readonly id: string
    readonly max_output: number | null
    readonly facts: Readonly<Record<string, unknown>> & { readonly sources: readonly { readonly read: string }[] }
    readonly price: {
      readonly source: string
      readonly usd_per_million: Record<string, { readonly base: string }>
    } | null
  }[]
}

const listed = async (): Promise<Map<string, Full>> => {
  const all = await Array.fromAsync(openai.models.list({ query: { detail: 'full' } }))
  return new Map((all as Full[]).map((model) => [model.id, model]))
}
const full = async (id: string): Promise<Full> =>
  (await openai.models.retrieve(id, { query: { detail: 'full' } })) as Full

describe('the full list of models', () => {
  it('has the shape that the official client knows, and facts, prices and sources of each deployment', async () => {
    const models = await listed()
    const short = await Array.fromAsync(openai.models.list())
    expect([...models.keys()]).toEqual(short.map(({ id }) => id))
    for (const model of short) {
      expect(Object.keys(model).sort()).toEqual(['created', 'id', 'object', 'owned_by'])
      expect(models.get(model.id)).toMatchObject(model)
    }
    expect(models.get('oai/gpt-4o-mini')).toMatchObject({
      object: 'model',
      owned_by: 'oai',
      kind: 'provider',
      deployments: [
        {
          id: 'oai/gpt-4o-mini',
          provider: 'oai',
          model: 'gpt-4o-mini',
          max_output: null,
          facts: {
            catalog_id: 'gpt-4o-mini',
            context_window: 128_000,
            max_output: 16_384,
            input_modalities: expect.arrayContaining(['text', 'image']),
            tools: true,
            vision: true,
            reasoning: false,
            release_date: '2024-07-18',
          },
          price: { usd_per_million: { input: { base: '0.15' }, output: { base: '0.6' } } },
        },
      ],
    })
    expect(models.get('oai/gpt-4o-mini')?.deployments).toHaveLength(1)
    expect(models.get('oai/gpt-4o-mini')?.deployments[0]?.facts.sources[0]).toMatchObject({
      title: expect.any(String),
      url: expect.stringMatching(/^https:/),
      read: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    })
    const kinds = ['capped', 'quick', 'main'].map((id) => models.get(id)?.kind)
    expect(kinds).toEqual(['model', 'alias', 'router'])
  })

  it('tells of one model what it tells of it in the list', async () => {
    const models = await listed()
    for (const id of ['quick', 'main', 'capped', 'oai/gpt-4o-mini', 'deep/made-up'])
      expect(await full(id)).toEqual(models.get(id))
  })

  it('tells of every model that a name can lead to', async () => {
    const { deployments } = await full('main')
    expect(deployments.map(({ id, facts }) => [id, facts['catalog_id']])).toEqual([
      ['oai/gpt-4o-mini', 'gpt-4o-mini'],
      ['claude/claude-sonnet-4-5-20250929', 'claude-sonnet-4-5-20250929'],
    ])
    expect((await full('capped')).deployments).toMatchObject([{ max_output: 100, facts: { max_output: 16_384 } }])
  })

  it('has prices of the catalog where the price data has none, and says so', async () => {
    const { deployments } = await full(`deep/${cheap}`)
    expect(deployments[0]?.price).toMatchObject({
      source: expect.stringMatching(/^catalog deepinfra\//),
      usd_per_million: { input: { base: expect.stringMatching(/^0\.\d+$/) } },
    })
  })

  it('says null for what it does not know', async () => {
    const { deployments } = await full('deep/made-up')
    const { facts, price } = deployments[0] ?? {}
    expect(price).toBeNull()
    expect(facts).toMatchObject({ catalog_id: null, context_window: null, tools: null, vision: null, sources: [] })
  })

  it('keeps to what the key may use', async () => {
    const narrow = new OpenAI({ apiKey: 'narrow-key-0123456789', baseURL: `${gateway.url}/v1`, maxRetries: 0 })
    const all = await Array.fromAsync(narrow.models.list({ query: { detail: 'full' } }))
    expect(all.length).toBeGreaterThan(0)
    for (const { id } of all) expect(id).toMatch(/^(?:claude\/|router:)/)
    await expect(narrow.models.retrieve('main', { query: { detail: 'full' } })).rejects.toBeInstanceOf(
      OpenAI.NotFoundError,
    )
  })

  it('refuses another detail, and says which there is', async () => {
    for (const detail of ['', 'most', 'FULL']) {
      const asked = openai.models.list({ query: { detail } })
      await expect(asked).rejects.toMatchObject({
        status: 400,
        param: 'detail',
        message: expect.stringContaining('"full"'),
      })
    }
  })
})

describe("other protocols' lists", () => {
  it("tells Anthropic's client limits and dates, and null for what is unknown", async () => {
    expect(await anthropic.models.retrieve('oai/gpt-4o-mini')).toMatchObject({
      type: 'model',
      max_input_tokens: 128_000,
      max_tokens: 16_384,
      created_at: '2024-07-18T00:00:00Z',
      lifecycle: 'active',
      retires_at: null,
      capabilities: null,
    })
    expect(await anthropic.models.retrieve('limited')).toMatchObject({ max_input_tokens: 128_000, max_tokens: 100 })
    expect(await anthropic.models.retrieve('odd')).toMatchObject({ max_input_tokens: null, max_tokens: null })
    const all = await Array.fromAsync(anthropic.models.list({ limit: 1000 }))
    expect(all.find(({ id }) => id === 'oai/gpt-4o-mini')).toEqual(await anthropic.models.retrieve('oai/gpt-4o-mini'))
  })

  it.each(['v1', 'v1beta'])("tells Google's client limits and whether it thinks, at %s", async (apiVersion) => {
    const google = new GoogleGenAI({ apiKey: clientKey, apiVersion, httpOptions: { baseUrl: gateway.url } })
    const listing = await google.models.list({ config: { pageSize: 5 } })
    expect(listing.page).toHaveLength(5)
    expect((await Array.fromAsync(listing)).map(({ name }) => name)).toContain('models/main')
    expect(await google.models.get({ model: 'models/oai/gpt-4o-mini' })).toMatchObject({
      inputTokenLimit: 128_000,
      outputTokenLimit: 16_384,
      thinking: false,
    })
    const unknown = await google.models.get({ model: 'models/sim/text' })
    expect(unknown.inputTokenLimit).toBeUndefined()
    expect(unknown.thinking).toBeUndefined()
    const main = await google.models.get({ model: 'models/main' })
    // Whichever answers: the shorter context, and thinking in one of them alone is no promise.
    expect(main).toMatchObject({ inputTokenLimit: 128_000, outputTokenLimit: 16_384, thinking: false })
  })

  it("tells Ollama's client the context and only what the model can, as far as that is known", async () => {
    const ollama = new Ollama({ host: gateway.url, headers: { authorization: `Bearer ${clientKey}` } })
    const known = await ollama.show({ model: 'oai/gpt-4o-mini' })
    expect(known.capabilities).toEqual(expect.arrayContaining(['completion', 'tools', 'vision']))
    expect(known.capabilities).not.toContain('thinking')
    expect(known.capabilities).not.toContain('embedding')
    expect(known.model_info).toMatchObject({ 'general.architecture': 'oai', 'oai.context_length': 128_000 })
    const unknown = await ollama.show({ model: 'deep/made-up' })
    expect(unknown.capabilities).toEqual(['completion', 'tools', 'vision', 'thinking', 'embedding'])
    expect(unknown.model_info).toEqual({ 'general.architecture': 'deep' })
  })
})

describe('a request to a model that only the catalog has a price of', () => {
  it('is paid for, by keys with a budget too, exactly at the price that is told', async () => {
    const upstream = await startUpstream()
    await using paying = await startGateway(`
providers: { deep: { use: deepinfra, base_url: "${upstream.url}/v1/openai", credentials: none, models: [${cheap}, made-up] } }
keys: [{ name: test, secret: ${clientKey}, models: ["*"], budget: { usd: 1, per: day } }]`)
    upstream.answer(json(protocol.answer('Hello.')))
    const client = new OpenAI({ apiKey: clientKey, baseURL: `${paying.url}/v1`, maxRetries: 0 })
    const ask = (model: string) =>
      client.chat.completions
        .create({ model, messages: [{ role: 'user', content: 'Hi' }], max_completion_tokens: 10 })
        .withResponse()
    const { data, response } = await ask(`deep/${cheap}`)
    const told = (await client.models.retrieve(`deep/${cheap}`, { query: { detail: 'full' } })) as Full
    const { input, output } = told.deployments[0]?.price?.usd_per_million ?? {}
    const { prompt_tokens: read = 0, completion_tokens: written = 0 } = data.usage ?? {}
    const millionths = parseUsd(input?.base ?? '') * read + parseUsd(output?.base ?? '') * written
    expect(response.headers.get('x-sluicegate-cost-usd')).toBe(formatUsd(Math.round(millionths / 1e6)))
    expect((await paying.records())[0]?.cost).toBe(Math.round(millionths / 1e6))
    await expect(ask('deep/made-up')).rejects.toBeInstanceOf(OpenAI.APIError)
    await upstream.close()
  })
})
