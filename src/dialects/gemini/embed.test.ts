/** Gemini's two ways to ask for vectors, on fixtures in their true shape. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import { describeEmbedDialect } from '../../kernel/testing/embed-dialect-kit.ts'
import { geminiBatchEmbed, geminiEmbed } from './index.ts'

const address = { model: 'gemini-embedding-001' }
const named = `models/${address.model}`
const content = (text: string) => ({ parts: [{ text }] })
const values = [-0.010632273, 0.019375853, 0.0020965643]
const picture = { parts: [{ text: 'a cat' }, { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }] }

describeEmbedDialect(
  geminiEmbed,
  [
    {
      name: 'a text and nothing else',
      address,
      request: { content: content('What is the meaning of life?') },
      response: { embedding: { values } },
    },
    {
      name: 'all settings',
      address,
      request: {
        model: named,
        content: { role: 'user', parts: [{ text: 'The moon' }, { text: 'orbits the earth.' }] },
        taskType: 'RETRIEVAL_DOCUMENT',
        title: 'Moons',
        outputDimensionality: 768,
      },
      response: {
        embedding: { values, shape: [3] },
        usageMetadata: { promptTokenCount: 9, promptTokenDetails: [{ modality: 'TEXT', tokenCount: 9 }] },
      },
    },
    {
      name: 'the other spelling',
      address,
      request: {
        model: address.model,
        content: content('x'),
        task_type: 'CLUSTERING',
        output_dimensionality: 10,
        title: null,
      },
      response: { embedding: {}, usage_metadata: { prompt_token_count: 1 } },
    },
    {
      name: 'settings in an object of their own',
      address,
      request: {
        content: content('x'),
        taskType: 'TASK_TYPE_UNSPECIFIED',
        embedContentConfig: { title: 'T', outputDimensionality: 5, autoTruncate: true },
      },
      response: { embedding: { values: null }, truncated: false },
    },
    { name: 'a picture', address, request: { content: picture } },
  ],
  { inputs: ['text'], single: true, notAnswers: [{}, { embedding: [1] }, { embedding: { values: 'AAAA' } }] },
)

describeEmbedDialect(
  geminiBatchEmbed,
  [
    {
      name: 'several requests',
      address,
      request: {
        requests: [
          { model: named, content: { role: 'user', parts: [{ text: 'one' }] }, outputDimensionality: 256 },
          { model: named, content: content('two'), taskType: 'RETRIEVAL_QUERY', outputDimensionality: 256 },
        ],
      },
      response: { embeddings: [{ values }, { values: [1, 2, 3] }], usageMetadata: { promptTokenCount: 4 } },
    },
    {
      name: 'requests that differ in all they can, a picture among them',
      address,
      request: {
        requests: [
          { model: named, content: picture, outputDimensionality: 256 },
          { content: { parts: { text: 'a part that is no list' } }, output_dimensionality: 128, taskType: 'NEW_TASK' },
          { model: named, content: content('three'), embedContentConfig: { taskType: 'CLASSIFICATION' }, title: 'T' },
        ],
      },
      response: { embeddings: [{ values, statistics: { tokenCount: 3 } }, {}] },
    },
    { name: 'an answer without vectors', response: {} },
  ],
  { inputs: ['text'], notAnswers: [{ embeddings: {} }, { embeddings: [[1]] }, { embeddings: [{ values: ['x'] }] }] },
)

describe('a batch', () => {
  const decode = (requests: object[]) => geminiBatchEmbed.request.decode({ requests }, address)

  it('has vectors of one length where all of its requests say the same, else each its own', () => {
    const one = { content: content('a'), outputDimensionality: 10 }
    const other = { content: content('b'), outputDimensionality: 20 }
    expect(decode([one, one])).toMatchObject({ dimensions: 10, inputs: [{ type: 'text' }, { type: 'text' }] })
    expect(decode([one, other]).dimensions).toBeUndefined()
    expect(decode([one, other]).inputs.map(({ dimensions }) => dimensions)).toEqual([10, 20])
  })

  it('of another protocol’s texts names the model in every request, as the API demands', () => {
    const { json } = geminiBatchEmbed.request.encode(
      { model: 'x', inputs: [{ type: 'text', text: 'a' }], dimensions: 64 },
      { model: 'gemini-embedding-001' },
    )
    expect(json).toEqual({ requests: [{ model: named, content: content('a'), outputDimensionality: 64 }] })
  })

  it('says how many vectors it asks for, and is refused with none', () => {
    const head = (text: string) =>
      geminiBatchEmbed.head(new Body(Buffer.from(text), (json) => geminiBatchEmbed.request.decode(json)), address)
    expect(head('{"requests":[{},{},{}]}').inputs).toBe(3)
    expect(() => head('{"requests":[]}')).toThrow(expect.objectContaining({ param: 'requests' }))
    expect(() => head('{}')).toThrow(expect.objectContaining({ param: 'requests' }))
    expect(() => decode([{ content: 'text' }])).toThrow(expect.objectContaining({ param: 'requests[0].content' }))
  })
})

describe('usage', () => {
  const usageOf = (usageMetadata: object) => {
    const body = Buffer.from(JSON.stringify({ embedding: { values }, usageMetadata }))
    return geminiEmbed.facts(new Body(body, (json) => geminiEmbed.response.decode(json))).usage
  }

  it('tells pictures and sounds from text', () => {
    const promptTokenDetails = [
      { modality: 'TEXT', tokenCount: 4 },
      { modality: 'IMAGE', tokenCount: 258 },
      { modality: 'AUDIO', tokenCount: 32 },
    ]
    expect(usageOf({ promptTokenCount: 294, promptTokenDetails })?.input).toEqual({ total: 294, image: 258, audio: 32 })
  })

  it('is none where nothing is counted', () => {
    expect(usageOf({})).toBeUndefined()
    expect(usageOf({ promptTokenCount: 'many' })).toBeUndefined()
  })
})
