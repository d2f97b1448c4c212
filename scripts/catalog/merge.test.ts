/** The catalog from small pieces of every source, as they are shaped, and whom it believes. */
import { describe, expect, it } from 'vitest'
import { catalogFileSchema } from '../../src/control/catalog/catalog-file.ts'
import { fromGenaiPrices } from './from-genai-prices.ts'
import { fromLitellm } from './from-litellm.ts'
import { fromModelsDev, modelsDevIn } from './from-models-dev.ts'
import { overlayTestimonies, readOverlay } from './from-overlay.ts'
import { fromPiAi } from './from-pi-ai.ts'
import { fileText, mergeStatements } from './merge.ts'
import type { Testimony } from './merge.ts'

const program = Buffer.from(
  `\0\0junk",env:["not it"];x={groq:{id:"groq",env:["GROQ_API_KEY"],name:"Groq",models:{"some/model-1":{id:"some/model-1",` +
    `name:"Model 1",description:"Words that are not taken.",attachment:!1,reasoning:!1,tool_call:!0,structured_output:!1,` +
    `temperature:!0,knowledge:"2025-03",release_date:"2025-09-05",last_updated:"2025-09-05",modalities:{input:["text",` +
    `"image"],output:["text"]},open_weights:!0,limit:{context:131072,output:16384},cost:{input:1,output:3,cache_read:0.5,` +
    `tiers:[{input:2,output:6,tier:{type:"context",size:64000}}]}}}},openrouter:{id:"openrouter",env:["OPENROUTER_API_KEY"],` +
    `models:{"a/b:free":{id:"a/b:free",name:"B",reasoning:!1,tool_call:!1,open_weights:!0,release_date:"2025-01",modalities:` +
    `{input:["text"],output:["text"]},limit:{context:0,output:0},cost:{input:0,output:0}},"a/c":{id:"a/c",name:"C",cost:` +
    `{input:0,output:0},limit:{context:10,output:20}}}}};more()`,
  'latin1',
)

const litellm = {
  sample_spec: { litellm_provider: 'one of many', mode: 'one of many' },
  'groq/some/model-1': {
    litellm_provider: 'groq',
    mode: 'chat',
    max_input_tokens: 8000,
    max_output_tokens: 16_384,
    input_cost_per_token: 0.0000011,
    output_cost_per_token: 0.0000033,
    supports_reasoning: true,
    supports_prompt_caching: true,
    deprecation_date: '2027-01-31',
  },
  'groq/embed-2': {
    litellm_provider: 'groq',
    mode: 'embedding',
    max_input_tokens: 512,
    max_output_tokens: 1024,
    input_cost_per_token: 2e-8,
    output_cost_per_token: 0,
  },
  'groq/half-priced': { litellm_provider: 'groq', mode: 'chat', input_cost_per_token: 1e-6, output_cost_per_token: 0 },
  'groq/night-rates': {
    litellm_provider: 'groq',
    mode: 'chat',
    input_cost_per_token: 1e-6,
    output_cost_per_token: 1e-6,
    off_peak_pricing: {},
  },
  'groq/search': { litellm_provider: 'groq', mode: 'search' },
  'model-without-its-prefix': { litellm_provider: 'groq', mode: 'chat' },
  'azure/eu/gpt-x': {
    litellm_provider: 'azure',
    mode: 'chat',
    input_cost_per_token: 1e-6,
    output_cost_per_token: 1e-6,
  },
  'dashscope/qwen-x': {
    litellm_provider: 'dashscope',
    mode: 'chat',
    tiered_pricing: [
      { range: [0, 32_000], input_cost_per_token: 1e-6, output_cost_per_token: 5e-6 },
      { range: [32_000, 128_000], input_cost_per_token: 2e-6, output_cost_per_token: 9e-6 },
    ],
  },
}

const piAi = {
  'openai-completions': {
    'chat:some/model-1': {
      type: 'chat',
      id: 'some/model-1',
      name: 'Other name',
      reasoning: true,
      input: ['text'],
      cost: { input: 0.9, output: 2.7, cacheRead: 0, cacheWrite: 0 },
      contextWindow: 1000,
      maxTokens: 900,
    },
    'image:painter': { type: 'image', id: 'painter' },
  },
}

const overlay = overlayTestimonies(
  readOverlay(
    JSON.stringify({
      pages: [
        {
          id: 'page',
          title: 'A page',
          url: 'https://example.com/models',
          read: '2026-11-27',
          models: [{ provider: 'groq', id: 'Some/Model-1', facts: { maxOutput: 32_768 } }],
        },
      ],
    }),
  ),
)

const testimonies: Testimony[] = [
  ...overlay.testimonies,
  { source: 'models.dev', statements: fromModelsDev(modelsDevIn(program)) },
  { source: 'pi-ai', statements: fromPiAi('groq', piAi) },
  { source: 'litellm', statements: fromLitellm(litellm) },
  {
    source: 'genai-prices',
    completes: true,
    statements: [
      ...fromGenaiPrices('groq', [{ id: 'embed-2', name: 'Embed 2' }, { id: 'a family of models' }]),
      ...fromGenaiPrices('avian', [{ id: 'only-here', context_window: 99, deprecated: true }]),
    ],
  },
]
const trust = {
  facts: ['page', 'models.dev', 'pi-ai', 'litellm', 'genai-prices'],
  prices: ['page', 'pi-ai', 'litellm', 'models.dev'],
  spelling: ['page', 'litellm'],
}
const merged = mergeStatements(testimonies, trust)
const entry = (provider: string, id: string) => merged.get(provider)?.find((one) => one.id === id)

describe('the catalog', () => {
  it('has each fact from the most trusted source that tells it, and names the others', () => {
    expect(entry('groq', 'Some/Model-1')).toEqual({
      id: 'Some/Model-1',
      name: 'Model 1',
      task: 'chat',
      context: 131_072,
      maxOutput: 32_768,
      inputs: ['text', 'image'],
      outputs: ['text'],
      tools: true,
      reasoning: false,
      structured: false,
      caching: true,
      knowledge: '2025-03',
      released: '2025-09-05',
      retires: '2027-01-31',
      openWeights: true,
      price: { input: '0.9', output: '2.7', source: 'pi-ai' },
      source: 'page',
      also: {
        'models.dev': [
          'name',
          'context',
          'inputs',
          'outputs',
          'tools',
          'reasoning',
          'structured',
          'caching',
          'knowledge',
          'released',
          'openWeights',
        ],
        'pi-ai': ['task'],
        litellm: ['retires'],
      },
    })
  })

  it('writes a name as the source writes it that is trusted with names', () => {
    const spelled = mergeStatements(testimonies, { ...trust, spelling: ['litellm', 'page'] }).get('groq')
    expect(spelled?.map(({ id }) => id)).toContain('some/model-1')
    const plain = mergeStatements(testimonies, { ...trust, spelling: [] }).get('groq')
    expect(plain?.map(({ id }) => id)).toContain('Some/Model-1')
  })

  it('takes a price as a whole from one source, with its steps', () => {
    const priced = mergeStatements(testimonies, { ...trust, prices: ['models.dev'] }).get('groq')
    expect(priced?.find(({ id }) => id === 'Some/Model-1')?.price).toEqual({
      input: '1',
      output: '3',
      cacheRead: '0.5',
      tiers: [{ above: 64_000, input: '2', output: '6' }],
      source: 'models.dev',
    })
    expect(entry('dashscope', 'qwen-x')?.price).toEqual({
      input: '1',
      output: '5',
      tiers: [{ above: 32_000, input: '2', output: '9' }],
      source: 'litellm',
    })
  })

  it('knows no price where a part of it is zero, or changes by the hour', () => {
    expect(entry('groq', 'half-priced')).toMatchObject({ id: 'half-priced' })
    expect(entry('groq', 'half-priced')?.price).toBeUndefined()
    expect(entry('groq', 'night-rates')?.price).toBeUndefined()
    expect(entry('openrouter', 'a/c')?.price).toBeUndefined()
  })

  it('believes in nothing for free but where the name says so', () => {
    expect(entry('openrouter', 'a/b:free')?.price).toEqual({ input: '0', output: '0', source: 'models.dev' })
  })

  it('asks no output of models that give none', () => {
    expect(entry('groq', 'embed-2')).toEqual({
      id: 'embed-2',
      name: 'Embed 2',
      task: 'embedding',
      context: 512,
      price: { input: '0.02', source: 'litellm' },
      source: 'litellm',
      also: { 'genai-prices': ['name'] },
    })
  })

  it('leaves out limits that contradict each other', () => {
    expect(entry('openrouter', 'a/c')).toEqual({ id: 'a/c', name: 'C', context: 10, source: 'models.dev' })
  })

  it('has no models from sources that only complete, but where there is no other', () => {
    expect(merged.get('groq')?.map(({ id }) => id)).toEqual(['embed-2', 'half-priced', 'night-rates', 'Some/Model-1'])
    expect(merged.get('avian')).toEqual([
      { id: 'only-here', context: 99, status: 'deprecated', source: 'genai-prices' },
    ])
    expect(merged.has('azure')).toBe(false)
  })

  it('is written the same from the same, a model a line, in the shape that the files have', () => {
    const again = mergeStatements(
      testimonies.map((one) => ({ ...one, statements: one.statements.toReversed() })).toReversed(),
      trust,
    )
    for (const [provider, entries] of merged) {
      const text = fileText(provider, entries)
      expect(fileText(provider, again.get(provider) ?? [])).toBe(text)
      expect(catalogFileSchema.parse(JSON.parse(text)).models).toEqual(entries)
      expect(text.split('\n')).toHaveLength(entries.length + 6)
    }
  })
})

describe('the overlay', () => {
  it('takes nothing without a page and the day it was read', () => {
    const page = {
      id: 'p',
      title: 'P',
      url: 'https://example.com',
      read: '2026-11-27',
      models: [{ provider: 'groq', id: 'x' }],
    }
    expect(readOverlay(JSON.stringify({ pages: [page] })).pages).toHaveLength(1)
    for (const member of ['url', 'read', 'title'] as const)
      expect(() => readOverlay(JSON.stringify({ pages: [{ ...page, [member]: undefined }] }))).toThrow(member)
    expect(() => readOverlay(JSON.stringify({ pages: [{ ...page, read: 'yesterday' }] }))).toThrow('read')
  })
})
