/** Ollama's embeddings, on fixtures in their true shape. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import { describeEmbedDialect } from '../../kernel/testing/embed-dialect-kit.ts'
import { ollamaEmbed as dialect } from './index.ts'

const model = 'embeddinggemma'

describeEmbedDialect(
  dialect,
  [
    {
      name: 'one text',
      request: { model, input: 'Why is the sky blue?' },
      response: {
        model,
        embeddings: [[0.010071029, -0.0017594862, 0.05007221]],
        total_duration: 14_143_917,
        load_duration: 1_019_500,
        prompt_eval_count: 8,
      },
    },
    {
      name: 'several texts and all settings',
      request: {
        model,
        input: ['one', 'two'],
        truncate: false,
        dimensions: 256,
        keep_alive: '10m',
        options: { num_ctx: 2048 },
      },
      response: { model, embeddings: [[1, 0], []], total_duration: 5, load_duration: 2 },
    },
    { name: 'no text, to load the model', request: { model }, response: { model, embeddings: [] } },
    { name: 'an empty list', request: { model, input: [] } },
    { name: 'nulls', request: { model, input: null, dimensions: null }, response: { model: null, embeddings: [] } },
  ],
  { inputs: ['text'], notAnswers: [{}, { model, embeddings: {} }, { embeddings: [{}] }, { embeddings: ['AAAAAA=='] }] },
)

const headOf = (text: string) => dialect.head(new Body(Buffer.from(text), (json) => dialect.request.decode(json)))

describe('a request to Ollama', () => {
  it.each([
    ['{"model":"m"}', 0],
    ['{"model":"m","input":null}', 0],
    ['{"model":"m","input":"a"}', 1],
    ['{"model":"m","input":["a","b"]}', 2],
  ])('%s asks for %i vectors', (text, inputs) => {
    expect(headOf(text).inputs).toBe(inputs)
  })

  it('with an input that is no text is refused by its place', () => {
    expect(() => dialect.request.decode({ model, input: ['a', 7] })).toThrow(
      expect.objectContaining({ param: 'input[1]' }),
    )
    expect(() => dialect.request.decode({ model, input: { text: 'a' } })).toThrow(
      expect.objectContaining({ param: 'input' }),
    )
  })
})

describe('an answer of Ollama', () => {
  it('that is an error with a status of success is that error', () => {
    const body = { error: 'this model does not support embeddings' }
    expect(() => dialect.response.decode(body)).toThrow(body.error)
    expect(() =>
      dialect.facts(new Body(Buffer.from(JSON.stringify(body)), (json) => dialect.response.decode(json))),
    ).toThrow(body.error)
  })
})
