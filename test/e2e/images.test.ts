/** Pictures through the gateway: OpenAI's official library in front of OpenAI's protocol, Azure's and the simulator. */
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { formIn } from '../harness/forms.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream, stream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

const poor = 'key-with-little-0001'
let upstream: Upstream
let gateway: Gateway
let client: OpenAI

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(`
providers:
  openai: { base_url: "${upstream.url}/v1", credentials: up-openai }
  azure: { base_url: "${upstream.url}", credentials: up-azure, api_version: "2025-04-01-preview" }
  own: { use: openai-compatible, base_url: "${upstream.url}/v1" }
  spare: { use: openai-compatible, base_url: "${upstream.url}/spare", prices: { units: { images: 0.02 } } }
  sim: {}
retries: { rounds: 0 }
media: { allow: ["127.0.0.0/8"] }
routers: { either: { strategy: fallback, targets: [openai/dall-e-3, spare/painter] } }
keys:
  - { name: test, secret: ${clientKey}, models: ["*"] }
  - { name: poor, secret: ${poor}, models: ["*"], budget: { usd: 0.05, per: day } }`)
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

/** A picture of one pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=',
  'base64',
)
const b64 = png.toString('base64')
const usage = {
  total_tokens: 1106,
  input_tokens: 50,
  output_tokens: 1056,
  input_tokens_details: { text_tokens: 10, image_tokens: 40 },
}
const answer = { created: 1_700_000_000, data: [{ b64_json: b64 }], size: '1024x1024', quality: 'medium', usage }

beforeEach(() => {
  upstream.received.length = 0
  upstream.answer(json(answer))
})

const lastRecord = async () => (await gateway.records()).at(-1)
const received = () => {
  const one = upstream.received.at(-1)
  if (one === undefined) throw new Error('nothing was received')
  return one
}
const sizeOf = (picture: Buffer): string => `${picture.readUInt32BE(16)}x${picture.readUInt32BE(20)}`
const prompt = 'A lighthouse at dusk'
/** Deprecated by OpenAI, but other services have nothing else. */
const as = (response_format: 'url' | 'b64_json') => ({ response_format })
const file = (name = 'a.png', type = 'image/png') => toFile(png, name, { type })

describe('a picture', () => {
  it('passes as it is in OpenAI’s protocol, its tokens on record and paid for exactly', async () => {
    const made = await client.images.generate({
      model: 'openai/gpt-image-1',
      prompt,
      quality: 'medium',
      safety_identifier: 'u1',
    })
    expect(made).toMatchObject(answer)
    expect(received().path).toBe('/v1/images/generations')
    expect(JSON.parse(received().body.toString())).toEqual({
      model: 'gpt-image-1',
      prompt,
      quality: 'medium',
      safety_identifier: 'u1',
    })
    expect(await lastRecord()).toMatchObject({
      operation: 'image',
      surface: 'POST /v1/images/generations',
      endUser: 'u1',
      usage: {
        input: { total: 50, image: 40 },
        output: { total: 1056, image: 1056 },
        units: { images: 1 },
        unitKinds: { images: ['1024x1024', '1K', 'medium'] },
      },
      // 5, 10 and 40 dollars for a million.
      cost: 10 * 5000 + 40 * 10_000 + 1056 * 40_000,
    })
    expect(await lastRecord()).not.toHaveProperty('unpriced')
  })

  it.each([
    [{}, 40_000_000],
    [{ size: '1024x1792' as const }, 80_000_000],
    [{ quality: 'hd' as const }, 80_000_000],
    [{ size: '1792x1024' as const, quality: 'hd' as const }, 120_000_000],
  ])('is paid for by its size and quality: %o', async (options, cost) => {
    upstream.answer(json({ created: 1, data: [{ url: `${upstream.url}/a.png`, revised_prompt: 'A tower' }] }))
    const made = await client.images.generate({ model: 'openai/dall-e-3', prompt, ...options })
    expect(made.data?.[0]).toEqual({ url: `${upstream.url}/a.png`, revised_prompt: 'A tower' })
    expect(await lastRecord()).toMatchObject({ usage: { units: { images: 1 } }, cost })
  })

  it('is fetched where the client wants bytes and the provider gives a URL', async () => {
    upstream.answer((response, { path }) =>
      path.endsWith('.png')
        ? void response.writeHead(200, { 'content-type': 'image/png' }).end(png)
        : json({ created: 1, data: [{ url: `${upstream.url}/a.png` }] })(response, received()),
    )
    const made = await client.images.generate({ model: 'own/painter', prompt, ...as('b64_json') })
    expect(made.data).toEqual([{ b64_json: b64 }])
  })

  it('is a data URL where the client wants a URL and the provider gives bytes', async () => {
    const made = await client.images.generate({ model: 'own/painter', prompt, ...as('url') })
    expect(made.data).toEqual([{ url: `data:image/png;base64,${b64}` }])
    expect(made.usage).toEqual(usage)
  })

  it('streams with what is there of it before it is done', async () => {
    const event = (type: string, more: object): string =>
      `event: ${type}\ndata: ${JSON.stringify({ type, b64_json: b64, created_at: 1, size: '1024x1024', quality: 'low', background: 'opaque', output_format: 'png', ...more })}\n\n`
    upstream.answer(
      stream([
        event('image_generation.partial_image', { partial_image_index: 0 }),
        event('image_generation.completed', { usage }),
      ]),
    )
    const events = await client.images.generate({
      model: 'openai/gpt-image-1',
      prompt,
      stream: true,
      partial_images: 1,
    })
    const types: string[] = []
    for await (const { type } of events) types.push(type)
    expect(types).toEqual(['image_generation.partial_image', 'image_generation.completed'])
    expect(await lastRecord()).toMatchObject({
      stream: true,
      outcome: 'ok',
      usage: { output: { image: 1056 }, unitKinds: { images: ['1024x1024', '1K', 'low'] } },
      cost: 10 * 5000 + 40 * 10_000 + 1056 * 40_000,
    })
  })

  it('is the one event of a stream where the provider streams nothing', async () => {
    const events = await client.images.generate({ model: 'own/painter', prompt, stream: true })
    const seen = []
    for await (const event of events) seen.push(event)
    expect(seen).toMatchObject([
      { type: 'image_generation.completed', b64_json: b64, usage, quality: 'medium', output_format: 'png' },
    ])
  })

  it('is asked for at Azure’s path of a deployment', async () => {
    await client.images.generate({ model: 'azure/my-painter', prompt })
    expect(received().path).toBe('/openai/deployments/my-painter/images/generations?api-version=2025-04-01-preview')
  })
})

describe('edits', () => {
  it('carry several pictures and a mask, with all options', async () => {
    await client.images.edit({
      model: 'openai/gpt-image-1',
      image: [await file('a.png'), await file('b.png')],
      mask: await file('mask.png'),
      prompt,
      n: 2,
      size: '1024x1536',
      input_fidelity: 'high',
      output_format: 'webp',
      output_compression: 80,
    })
    const form = await formIn(received())
    expect(received().path).toBe('/v1/images/edits')
    expect(form.fields).toEqual({
      model: ['gpt-image-1'],
      prompt: [prompt],
      n: ['2'],
      size: ['1024x1536'],
      input_fidelity: ['high'],
      output_format: ['webp'],
      output_compression: ['80'],
    })
    expect(form.files.map(({ field, name, type }) => [field, name, type])).toEqual([
      ['image[]', 'a.png', 'image/png'],
      ['image[]', 'b.png', 'image/png'],
      ['mask', 'mask.png', 'image/png'],
    ])
    expect(form.files.every(({ bytes }) => bytes.equals(png))).toBe(true)
    expect(await lastRecord()).toMatchObject({ operation: 'edit-image', usage: { units: { images: 1 } } })
  })

  it('may be JSON, with URLs, data URLs and ids of files', async () => {
    const images = [
      { image_url: 'https://example.com/a.png' },
      { image_url: `data:image/png;base64,${b64}` },
      { file_id: 'file-1' },
    ]
    await client.post('/images/edits', { body: { model: 'openai/gpt-image-1', prompt, images } })
    expect(JSON.parse(received().body.toString())).toEqual({ model: 'gpt-image-1', prompt, images })
  })

  it('stream too', async () => {
    const events = await client.images.edit({
      model: 'sim/text',
      image: await file(),
      prompt,
      stream: true,
      partial_images: 2,
    })
    const types: string[] = []
    for await (const { type } of events) types.push(type)
    expect(types).toEqual(['image_edit.partial_image', 'image_edit.partial_image', 'image_edit.completed'])
  })

  it('vary a picture', async () => {
    // oxlint-disable-next-line typescript/no-deprecated -- clients use it all the same
    await client.images.createVariation({ model: 'own/dall-e-2', image: await file(), n: 2, size: '512x512' })
    const form = await formIn(received())
    expect(received().path).toBe('/v1/images/variations')
    expect(form.fields).toEqual({ model: ['dall-e-2'], n: ['2'], size: ['512x512'] })
    expect(form.files.map(({ field }) => field)).toEqual(['image'])
  })
})

describe('the simulator', () => {
  it('draws a PNG of the size that is asked for, the same for the same request', async () => {
    const ask = async (more: object = {}) => {
      const made = await client.images.generate({ model: 'sim/text', prompt, size: '256x512', ...more })
      return Buffer.from(made.data?.[0]?.b64_json ?? '', 'base64')
    }
    const [first, again, other] = [await ask(), await ask(), await ask({ prompt: 'Another' })]
    expect(sizeOf(first)).toBe('256x512')
    expect(first.equals(again)).toBe(true)
    expect(first.equals(other)).toBe(false)
    expect(await lastRecord()).toMatchObject({ operation: 'image', cost: 0 })
  })

  it('fails as it is asked to', async () => {
    await expect(client.images.generate({ model: 'sim/fault?status=503', prompt })).rejects.toMatchObject({
      status: 503,
    })
    const cut = client.images.generate({ model: 'sim/fault?cut=2', prompt, stream: true, partial_images: 3 })
    const read = async (): Promise<void> => {
      for await (const _ of await cut);
    }
    await expect(read()).rejects.toThrow()
    expect(await lastRecord()).toMatchObject({ outcome: 'cut', fault: 'provider_cut' })
  })
})

describe('money', () => {
  const asPoor = () => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: poor, maxRetries: 0 })

  it('is held for the dearest that a picture can be, and nothing is called beyond a budget', async () => {
    await expect(asPoor().images.generate({ model: 'openai/dall-e-3', prompt })).rejects.toMatchObject({
      status: 402,
      code: 'budget_exceeded',
      message: expect.stringMatching(/up to \$0\.12\. .*smaller/) as string,
    })
    await expect(asPoor().images.generate({ model: 'openai/gpt-image-1', prompt })).rejects.toMatchObject({
      status: 402,
    })
    await expect(asPoor().images.generate({ model: 'own/painter', prompt })).rejects.toMatchObject({
      code: 'unpriced_model',
    })
    expect(upstream.received).toHaveLength(0)
    await asPoor().images.generate({ model: 'openai/dall-e-3', prompt, size: '1024x1024', quality: 'standard' })
    expect(upstream.received).toHaveLength(1)
  })

  it('goes to the next target where the first fails', async () => {
    upstream.next(json({ error: { message: 'no' } }, 503))
    await client.images.generate({ model: 'either', prompt })
    expect(await lastRecord()).toMatchObject({ deployment: 'spare/painter', cost: 20_000_000 })
  })
})

it.each([
  [{ n: 0 }, 'n'],
  [{ n: 11 }, 'n'],
  [{ size: 'large' }, 'size'],
  [{ size: '0x512' }, 'size'],
  [{ size: '99999x10' }, 'size'],
  [{ prompt: '' }, 'prompt'],
  [{ partial_images: 4 }, 'partial_images'],
  [{ output_compression: 101 }, 'output_compression'],
  [{ output_format: 'gif' }, 'output_format'],
  [{ response_format: 'hex' }, 'response_format'],
  [{ stream: 'yes' }, 'stream'],
])('refuses %o before anybody is asked', async (more, param) => {
  const asked = client.images.generate({ model: 'openai/dall-e-3', prompt, ...(more as object) })
  await expect(asked).rejects.toMatchObject({ status: 400, param })
  expect(upstream.received).toHaveLength(0)
})
