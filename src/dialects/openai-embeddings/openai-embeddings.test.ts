/** OpenAI's embeddings, on fixtures in their true shape, and what other services make of them. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import { base64Of } from '../../kernel/codec/vectors.ts'
import { describeEmbedDialect } from '../../kernel/testing/embed-dialect-kit.ts'
import type { EmbeddingRequest, EmbeddingTask } from '../../model/embedding.ts'
import { openaiEmbeddings as dialect } from './index.ts'

const model = 'text-embedding-3-small'
const usage = { prompt_tokens: 8, total_tokens: 8 }
const item = (index: number, embedding: string | number[]) => ({ object: 'embedding', index, embedding })

describeEmbedDialect(
  dialect,
  [
    {
      name: 'one text',
      request: { model, input: 'The food was delicious.', encoding_format: 'float', user: 'user-7', dimensions: 256 },
      response: { object: 'list', data: [item(0, [0.0023064255, -0.009327292, -0.0028842222])], model, usage },
    },
    {
      name: 'several texts, an empty one among them',
      request: { model, input: ['one', '', 'three'], encoding_format: 'base64' },
      response: { object: 'list', data: [item(0, base64Of([0.5, -0.25])), item(1, base64Of([1, 0]))], model, usage },
    },
    {
      name: 'what its vectors are for, in the words of several services',
      request: { model, input: ['a'], input_type: 'passage' },
    },
    { name: 'a word for it that nobody knows', request: { model, input: ['a'], input_type: 'rhyme' } },
    { name: 'a list of one text', request: { model, input: ['one'] } },
    { name: 'tokens', request: { model, input: [1212, 318, 257], user: null } },
    {
      name: 'lists of tokens',
      request: { model, input: [[1212, 318], [257]], dimensions: null, encoding_format: null },
    },
    {
      name: 'objects, as some services take them, and an encoding of their own',
      request: { model, input: [{ image: 'https://example.com/cat.png' }, 'a text'], encoding_format: 'ubinary' },
      response: {
        id: 'embd-41',
        object: 'list',
        created: 1_760_000_000,
        model,
        data: [item(0, [1])],
        usage: { prompt_tokens: 4, total_tokens: 4, completion_tokens: 0, prompt_tokens_details: null },
      },
    },
    {
      name: 'vectors that are not in their order',
      response: { object: 'list', data: [item(2, [3]), item(0, [1]), item(1, [2])], model, usage },
    },
    {
      name: 'an answer with no more than it needs',
      response: { data: [{ embedding: [0.1] }, { embedding: [0.2], index: null }] },
    },
    {
      name: 'nulls where there could be words',
      response: { object: null, data: [item(0, [1])], model: null, usage: null },
    },
  ],
  {
    inputs: ['text', 'tokens'],
    notAnswers: [
      {},
      { data: {} },
      { data: [{}] },
      { data: [{ embedding: 'abc' }] },
      { data: [{ embedding: [1, 'two'] }] },
      { data: [item(0, [1]), item(0, [2])] },
      { data: [item(1, [1])] },
      { data: [item(4_000_000_000, [1])] },
    ],
  },
)

const headOf = (text: string) => dialect.head(new Body(Buffer.from(text), (json) => dialect.request.decode(json)))

describe('what vectors are for', () => {
  const texts = (...tasks: (EmbeddingTask | undefined)[]): EmbeddingRequest => ({
    model: 'm',
    inputs: tasks.map((task) => ({ type: 'text', text: 'a', ...(task !== undefined && { task }) })),
  })
  const spelling = {
    embeddingTask: { member: 'input_type', words: { 'retrieval-query': 'query', 'question-answering': 'query' } },
  }
  const encode = (request: EmbeddingRequest) => dialect.request.encode(request, { model: 'm', spelling })

  it('is told in the words of the service, and lost where it has none', () => {
    expect(encode(texts('retrieval-query', 'retrieval-query'))).toEqual({
      json: { model: 'm', input: ['a', 'a'], input_type: 'query' },
      lost: [],
    })
    expect(encode(texts('question-answering'))).toMatchObject({
      json: { input_type: 'query' },
      lost: [{ path: 'taskType', kind: 'adapted' }],
    })
    for (const request of [texts('clustering'), texts('retrieval-query', undefined)]) {
      const { json, lost } = encode(request)
      expect(json).not.toHaveProperty('input_type')
      expect(lost).toMatchObject([{ path: 'taskType', kind: 'dropped' }])
    }
  })

  it('is read in whichever words a client knows', () => {
    const read = (word: string) => dialect.request.decode({ model: 'm', input: 'a', input_type: word }).inputs[0]?.task
    expect(['query', 'search_query', 'passage', 'document', 'search_document', 'clustering'].map(read)).toEqual([
      'retrieval-query',
      'retrieval-query',
      'retrieval-document',
      'retrieval-document',
      'retrieval-document',
      'clustering',
    ])
  })
})

describe('a request', () => {
  it.each([
    ['{"model":"m","input":"[1,2]"}', 1],
    ['{"model":"m","input":[ 1, 2]}', 1],
    ['{"model":"m","input":["a","b"]}', 2],
    ['{"model":"m","input":[[1,2],[3]]}', 2],
  ])('%s asks for %i vectors', (text, inputs) => {
    expect(headOf(text)).toEqual({ model: 'm', stream: false, inputs })
  })

  it.each([
    ['{"model":"m"}', 'input'],
    ['{"model":"m","input":[]}', 'input'],
    ['{"model":"m","input":7}', 'input'],
    ['{"input":"a"}', 'model'],
    ['{"model":"m","input":"a","user":7}', 'user'],
  ])('%s is refused at once', (text, param) => {
    expect(() => headOf(text)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })

  it('with something among its inputs that is none is refused by its place', () => {
    const decode = (input: unknown) => () => dialect.request.decode({ model: 'm', input })
    expect(decode(['a', null])).toThrow(expect.objectContaining({ param: 'input[1]' }))
    expect(decode([[1], [2, -3]])).toThrow(expect.objectContaining({ param: 'input[1][1]' }))
    expect(decode([1, 'a'])).toThrow(expect.objectContaining({ param: 'input[1]' }))
  })
})

describe('an answer', () => {
  it('has its vectors in the order of their indexes', () => {
    const { vectors } = dialect.response.decode({ data: [item(1, [2]), item(0, [1])] })
    expect(vectors.map(({ values }) => values)).toEqual([[1], [2]])
  })

  it('with more digits than a number holds is read all the same', () => {
    const text = '{"data":[{"object":"embedding","index":0,"embedding":[0.12345678901234567890123, 1]}]}'
    const body = new Body(Buffer.from(text), (json) => dialect.response.decode(json))
    expect(body.read().vectors[0]?.values).toEqual([0.12345678901234568, 1])
  })

  it('of an error with a status of success is that error', () => {
    const body = { error: { message: 'no such model', type: 'invalid_request_error', code: 'model_not_found' } }
    expect(() => dialect.response.decode(body)).toThrow('no such model')
    expect(() =>
      dialect.facts(new Body(Buffer.from(JSON.stringify(body)), (json) => dialect.response.decode(json))),
    ).toThrow('no such model')
  })

  it('is of numbers where the client did not ask for anything else', () => {
    const response = { model: '', vectors: [{ values: base64Of([0.5]) }] }
    const context = { model: 'm', request: { model: 'm', inputs: [] } }
    expect(dialect.response.encode(response, context).json).toMatchObject({ data: [item(0, [0.5])] })
  })
})
