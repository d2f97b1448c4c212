/** The simulator's embeddings: what they are like, that they are good for a search, and what is refused. */
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveSim } from './server.ts'
import type { SimServer } from './server.ts'

let server: SimServer
let client: OpenAI
beforeAll(async () => {
  server = await serveSim()
  client = new OpenAI({ apiKey: 'none', baseURL: `${server.url}/v1`, maxRetries: 0 })
})
afterAll(() => server[Symbol.asyncDispose]())

type Params = Partial<OpenAI.EmbeddingCreateParams>
const ask = (input: OpenAI.EmbeddingCreateParams['input'], more: Params = {}) =>
  client.embeddings.create({ model: 'sim/fast', input, ...more })
const vectorsOf = async (input: string[], more: Params = {}) =>
  (await ask(input, more)).data.map(({ embedding }) => Array.from(embedding))
const dot = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0)

describe('vectors', () => {
  it('are of length 1, of 1536 numbers or as many as asked for, and always the same', async () => {
    const [long = [], again] = await vectorsOf(['A cat sat on the mat.', 'A cat sat on the mat.'])
    expect(long).toHaveLength(1536)
    expect(dot(long, long)).toBeCloseTo(1, 5)
    expect(again).toEqual(long)
    const [short = []] = await vectorsOf(['A cat sat on the mat.'], { dimensions: 256 })
    expect(short).toHaveLength(256)
    expect(dot(short, short)).toBeCloseTo(1, 5)
    // The beginning of the longer one, made as long as 1 again.
    expect((short[0] ?? 0) / (short[1] ?? 1)).toBeCloseTo((long[0] ?? 0) / (long[1] ?? 1), 3)
  })

  it('are the same floats as numbers and as base64', async () => {
    const [packed] = await vectorsOf(['one text'])
    const [plain] = await vectorsOf(['one text'], { encoding_format: 'float' })
    expect(plain?.map(Math.fround)).toEqual(packed)
  })

  it('of texts that share words lie near each other', async () => {
    const [query = [], near = [], far = []] = await vectorsOf([
      'Where does the cat sleep?',
      'The cat likes to sleep in a basket.',
      'Quarterly revenue grew by nine percent.',
    ])
    expect(dot(query, near)).toBeGreaterThan(dot(query, far) + 0.2)
  })

  it('differ with the seed', async () => {
    const seeded = await client.embeddings.create({ model: 'sim/fast?seed=2', input: 'one text' })
    expect(Array.from(seeded.data[0]?.embedding ?? [])).not.toEqual((await vectorsOf(['one text']))[0])
  })

  it('come for tokens, one vector for each list of them, and are counted', async () => {
    expect((await ask([1, 2, 3])).data).toHaveLength(1)
    const { data, usage, model } = await ask([[1, 2, 3], [4]])
    expect(data.map(({ index }) => index)).toEqual([0, 1])
    expect(usage).toEqual({ prompt_tokens: 4, total_tokens: 4 })
    expect(model).toBe('sim/fast')
  })
})

describe('a request', () => {
  it.each([
    ['an empty text', '', {}, 'input'],
    ['an empty text among others', ['a', ''], {}, 'input[1]'],
    ['texts and tokens at once', ['a', [1]] as never, {}, 'input[1]'],
    ['too many texts', Array.from({ length: 2049 }, () => 'a'), {}, 'input'],
    ['a text that is too long', 'word '.repeat(9000), {}, 'input'],
    ['more dimensions than there are', 'a', { dimensions: 1537 }, 'dimensions'],
    ['another encoding', 'a', { encoding_format: 'int8' as never }, 'encoding_format'],
  ] as const)('with %s is refused', async (_name, input, more, param) => {
    await expect(ask(input as string, more)).rejects.toMatchObject({ status: 400, param })
  })

  it('fails in the way that its model’s parameters say', async () => {
    const failing = client.embeddings.create({ model: 'sim/fault?status=503', input: 'a' })
    await expect(failing).rejects.toMatchObject({ status: 503 })
  })
})
