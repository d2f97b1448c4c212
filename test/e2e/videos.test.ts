/** Films through the gateway: OpenAI's official library in front of services of three protocols and the simulator. */
import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI, { toFile } from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { settle } from '../../src/kernel/testing/fake-clock.ts'
import { formIn } from '../harness/forms.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Received, Upstream } from '../harness/upstream.ts'

// The library's methods for films are on their way out with the service that they were made for; others speak the protocol on.
/* oxlint-disable typescript/no-deprecated */

const other = 'key-of-another-0001'
const poor = 'key-with-little-0001'
let upstream: Upstream
let gateway: Gateway
let client: OpenAI
const dir = mkdtempSync(join(tmpdir(), 'sluicegate-videos-'))

const configuration = (): string => {
  const price = 'prices: { units: { video_ms: 0.0001, "video_ms:1080p": 0.0002 } }'
  const at = (use: string, more = '') =>
    `{ use: ${use}, base_url: "${upstream.url}", credentials: [up-${use}], ${price}${more} }`
  return `
providers:
  openai: { base_url: "${upstream.url}/v1", credentials: [up-openai, second-openai], ${price} }
  azure: ${at('azure')}
  gemini: ${at('gemini')}
  vertex: ${at('vertex', ', project: p-1, location: global')}
  tokens: { use: openai-compatible, base_url: "${upstream.url}/v1", prices: { input: 1, output: 2 } }
  unpriced: { use: openai-compatible, base_url: "${upstream.url}/v1" }
  sim: {}
retries: { rounds: 0 }
circuit_breaker: { enabled: false }
routers: { film: { strategy: fallback, targets: [openai/sora-2, gemini/veo-3.1-generate-preview] } }
keys:
  - { name: test, secret: ${clientKey}, models: ["*"] }
  - { name: other, secret: ${other}, models: ["*"] }
  - { name: poor, secret: ${poor}, models: ["*"], budget: { usd: 0.9, per: day } }`
}
const clientOf = (apiKey: string): OpenAI => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 })

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(configuration(), { dir, keep: true })
  client = clientOf(clientKey)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
  rmSync(dir, { recursive: true, force: true })
})
afterEach(() => (upstream.received.length = 0))

/** Bytes of every value: whoever took them for text would break them. */
const film = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 167 + (index >> 8)) % 256))
const sendFilm: Answer = (response) =>
  void response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': String(film.length) }).end(film)

type Stage = 'going' | 'done' | 'failed'

/** OpenAI's service, at a stage of its one job. */
const sora =
  (stage: Stage): Answer =>
  async (response, request) => {
    const path = request.path.replace(/^\/openai/, '')
    if (request.method === 'DELETE')
      return json({ id: 'video_up', object: 'video.deleted', deleted: true })(response, request)
    if (path.startsWith('/v1/videos/video_up/content')) return sendFilm(response, request)
    const asked = request.method !== 'POST' ? {} : await askedOf(request)
    const status =
      request.method === 'POST' ? 'queued' : { going: 'in_progress', done: 'completed', failed: 'failed' }[stage]
    return json({
      id: 'video_up',
      object: 'video',
      model: 'sora-2',
      status,
      progress: status === 'in_progress' ? 40 : 0,
      seconds: asked['seconds'] ?? '4',
      size: asked['size'] ?? '720x1280',
      ...(stage === 'failed' && { error: { code: 'moderation_blocked', message: 'not this film' } }),
    })(response, request)
  }
async function askedOf(request: Received): Promise<Record<string, string | undefined>> {
  if (request.headers['content-type']?.startsWith('application/json') === true)
    return JSON.parse(request.body.toString()) as Record<string, string>
  const { fields } = await formIn(request)
  return Object.fromEntries(Object.entries(fields).map(([name, [value]]) => [name, value]))
}

const veoName = 'models/veo-3.1-generate-preview/operations/op1'
const veo =
  (stage: Stage): Answer =>
  (response, request) => {
    if (request.path.endsWith(':predictLongRunning')) return json({ name: veoName })(response, request)
    if (request.path.startsWith('/files/')) return sendFilm(response, request)
    if (request.path.startsWith('/v1beta/files/'))
      return void response.writeHead(302, { location: '/files/film.mp4' }).end()
    const uri = `${upstream.url}/v1beta/files/f1:download?alt=media`
    const ends = {
      going: {},
      done: { done: true, response: { generateVideoResponse: { generatedSamples: [{ video: { uri } }] } } },
      failed: {
        done: true,
        response: { generateVideoResponse: { raiMediaFilteredCount: 1, raiMediaFilteredReasons: ['not this film'] } },
      },
    }
    return json({ name: veoName, ...ends[stage] })(response, request)
  }

const vertexName = 'projects/p-1/locations/global/publishers/google/models/veo-3.1-generate-001/operations/op2'
const vertex =
  (stage: Stage): Answer =>
  (response, request) => {
    if (request.path.endsWith(':predictLongRunning')) return json({ name: vertexName })(response, request)
    const videos = [{ bytesBase64Encoded: film.toString('base64'), mimeType: 'video/mp4' }]
    const ends = {
      going: {},
      done: { done: true, response: { '@type': 'x', raiMediaFilteredCount: 0, videos } },
      failed: { done: true, error: { code: 3, message: 'not this film' } },
    }
    return json({ name: vertexName, ...ends[stage] })(response, request)
  }

const lastRecord = async () => (await gateway.records()).at(-1)
const posted = (): Received => {
  const received = upstream.received.find(({ method }) => method === 'POST')
  if (received === undefined) throw new Error('nothing was received')
  return received
}

const services = [
  ['openai/sora-2', sora, '4', '1280x720', 4000 * 100_000],
  ['azure/my-sora', sora, '4', '1280x720', 4000 * 100_000],
  ['gemini/veo-3.1-generate-preview', veo, '4', '1280x720', 4000 * 100_000],
  ['vertex/veo-3.1-generate-001', vertex, '4', '1280x720', 4000 * 100_000],
] as const

describe.each(services)('%s', (model, service, seconds, size, cost) => {
  it('makes a film, which is paid for once, when it is there', async () => {
    upstream.answer(service('going'))
    const ordered = await client.videos.create({ model, prompt: 'A river at dawn.', seconds, size })
    expect(ordered).toMatchObject({
      object: 'video',
      model,
      status: 'queued',
      progress: 0,
      seconds,
      size,
      prompt: 'A river at dawn.',
      error: null,
      completed_at: null,
      remixed_from_video_id: null,
    })
    const order = await lastRecord()
    expect(order).toMatchObject({ surface: 'POST /v1/videos', operation: 'video', outcome: 'ok', status: 200 })
    expect(order).not.toHaveProperty('cost')
    expect(await client.videos.retrieve(ordered.id)).toMatchObject({ id: ordered.id, status: 'in_progress' })
    await expect(client.videos.downloadContent(ordered.id)).rejects.toMatchObject({ status: 400 })
    await expect(client.videos.delete(ordered.id)).rejects.toMatchObject({ status: 400 })
    upstream.answer(service('done'))
    const made = await client.videos.retrieve(ordered.id)
    expect(made).toMatchObject({ status: 'completed', progress: 100, completed_at: expect.any(Number) as number })
    expect(await lastRecord()).toMatchObject({
      surface: 'DONE /v1/videos',
      operation: 'video',
      outcome: 'ok',
      deployment: model,
      keyName: 'test',
      usage: { units: { video_ms: 4000 } },
      cost,
    })
    const before = (await gateway.records()).length
    const [first, second] = await Promise.all([client.videos.retrieve(ordered.id), client.videos.retrieve(ordered.id)])
    expect(first).toEqual(second)
    const response = await client.videos.downloadContent(ordered.id)
    expect(response.headers.get('content-type')).toBe('video/mp4')
    expect(Buffer.from(await response.arrayBuffer()).equals(film)).toBe(true)
    expect(await client.videos.delete(ordered.id)).toEqual({ id: ordered.id, object: 'video.deleted', deleted: true })
    await expect(client.videos.retrieve(ordered.id)).rejects.toMatchObject({ status: 404 })
    expect((await gateway.records()).length).toBe(before)
  })

  it('costs nothing where it fails, and says why', async () => {
    upstream.answer(service('failed'))
    const { id } = await client.videos.create({ model, prompt: 'A river.' })
    expect(await client.videos.retrieve(id)).toMatchObject({ status: 'failed', error: { message: 'not this film' } })
    const record = await lastRecord()
    expect(record).toMatchObject({ surface: 'DONE /v1/videos', outcome: 'fault', fault: 'provider_error' })
    expect(record).not.toHaveProperty('cost')
    await expect(client.videos.downloadContent(id)).rejects.toMatchObject({ status: 400 })
  })

  it('is shown to nobody but its owner', async () => {
    upstream.answer(service('going'))
    const { id } = await client.videos.create({ model, prompt: 'A river.' })
    const stranger = clientOf(other)
    for (const ask of [
      () => stranger.videos.retrieve(id),
      () => stranger.videos.downloadContent(id),
      () => stranger.videos.delete(id),
      () => stranger.videos.remix(id, { prompt: 'With boats.' }),
      () => stranger.videos.list({ after: id }),
    ])
      await expect(ask()).rejects.toMatchObject({ status: 404, code: 'video_not_found' })
    expect((await stranger.videos.list()).data).toEqual([])
  })

  it('has its errors told in OpenAI’s protocol, and nothing is kept', async () => {
    const before = (await client.videos.list({ limit: 100 })).data.length
    upstream.next(json({ error: { message: 'no such film', code: 400, status: 'INVALID_ARGUMENT' } }, 400))
    await expect(client.videos.create({ model, prompt: 'A river.' })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('no such film') as string,
    })
    expect(await lastRecord()).not.toHaveProperty('cost')
    expect((await client.videos.list({ limit: 100 })).data.length).toBe(before)
  })
})

describe('what is sent', () => {
  const png = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(500, 7)])
  const picture = () => toFile(png, 'first.png', { type: 'image/png' })

  it('is the same form to OpenAI, with the picture', async () => {
    upstream.answer(sora('going'))
    const asked = { model: 'openai/sora-2', prompt: 'Grüße', seconds: '8', size: '1024x1792' } as const
    await client.videos.create({ ...asked, input_reference: await picture() })
    const form = await formIn(posted())
    expect(posted().headers.authorization).toMatch(/^Bearer (?:up|second)-openai$/)
    expect(form.fields).toEqual({ model: ['sora-2'], prompt: ['Grüße'], seconds: ['8'], size: ['1024x1792'] })
    expect(form.file).toMatchObject({ field: 'input_reference', name: 'first.png', type: 'image/png' })
    expect(form.file?.bytes.equals(png)).toBe(true)
  })

  it('is JSON where there is no picture, whatever the client sent it as', async () => {
    upstream.answer(sora('going'))
    const body = JSON.stringify({ model: 'azure/my-sora', prompt: 'A river.', seconds: 8, made_up: true })
    const response = await fetch(`${gateway.url}/v1/videos`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body,
    })
    expect(response.status).toBe(200)
    expect(posted().path).toBe('/openai/v1/videos')
    expect(JSON.parse(posted().body.toString())).toEqual({
      model: 'my-sora',
      prompt: 'A river.',
      seconds: 8,
      made_up: true,
    })
  })

  it('is JSON with a picture that the provider keeps, as it has it', async () => {
    upstream.answer(
      json({ id: 'video_1', object: 'video', status: 'queued', model: 'sora-2', progress: 0, created_at: 1 }),
    )
    await client.videos.create({ model: 'openai/sora-2', prompt: 'A', input_reference: { file_id: 'file-1' } })
    const sent = upstream.received.findLast(({ method }) => method === 'POST')
    expect(JSON.parse(sent?.body.toString() ?? '')).toMatchObject({ input_reference: { file_id: 'file-1' } })
  })

  it('is what Veo makes that is nearest, with the picture in the JSON', async () => {
    upstream.answer(veo('going'))
    const asked = {
      model: 'gemini/veo-3.1-generate-preview',
      prompt: 'A river.',
      seconds: '12',
      size: '1792x1024',
    } as const
    const { data, response } = await client.videos.create({ ...asked, input_reference: await picture() }).withResponse()
    expect(data).toMatchObject({ seconds: '8', size: '1920x1080' })
    expect(response.headers.get('x-sluicegate-lost')).toBe('seconds, size')
    expect(posted()).toMatchObject({
      path: '/v1beta/models/veo-3.1-generate-preview:predictLongRunning',
      headers: { 'x-goog-api-key': 'up-gemini' },
    })
    expect(JSON.parse(posted().body.toString())).toEqual({
      instances: [{ prompt: 'A river.', image: { bytesBase64Encoded: png.toString('base64'), mimeType: 'image/png' } }],
      parameters: { sampleCount: 1, durationSeconds: 8, aspectRatio: '16:9', resolution: '1080p' },
    })
    upstream.answer(veo('done'))
    await client.videos.retrieve(data.id)
    // The price of the larger picture.
    expect(await lastRecord()).toMatchObject({ cost: 8000 * 200_000 })
  })

  it('asks about a job with the credential that it was ordered with', async () => {
    upstream.answer(sora('going'))
    for (let turn = 0; turn < 3; turn += 1) {
      upstream.received.length = 0
      const { id } = await client.videos.create({ model: 'openai/sora-2', prompt: 'A river.' })
      await client.videos.retrieve(id)
      const [order, question] = upstream.received
      expect(question?.headers.authorization).toBe(order?.headers.authorization)
    }
  })

  it('is refused where its picture is none, however the provider would answer', async () => {
    upstream.received.length = 0
    for (const model of ['sim/text', 'openai/sora-2']) {
      const body = { model, prompt: 'A fox.', input_reference: 'zz' } as never
      await expect(client.videos.create(body)).rejects.toMatchObject({ status: 400, param: 'input_reference' })
    }
    expect(upstream.received).toHaveLength(0)
  })

  it('is refused where it is plainly wrong, before anything is sent', async () => {
    for (const [wrong, param] of [
      [{ prompt: '' }, 'prompt'],
      [{ prompt: 'A', seconds: 'long' }, 'seconds'],
      [{ prompt: 'A', size: 'large' }, 'size'],
      [{ prompt: 'A', model: 'gemini/veo-3.1-generate-preview', size: '1024x1024' }, 'size'],
      [
        { prompt: 'A', model: 'gemini/veo-3.1-generate-preview', input_reference: { file_id: 'file-1' } },
        'input_reference',
      ],
    ] as const) {
      const asked = client.videos.create({ model: 'openai/sora-2', ...wrong } as never)
      await expect(asked).rejects.toMatchObject({ status: 400, param })
    }
    const text = await toFile(Buffer.from('%PDF-1.7 not a picture at all, not at all'), 'first.png', {
      type: 'image/png',
    })
    await expect(
      client.videos.create({ model: 'openai/sora-2', prompt: 'A', input_reference: text }),
    ).rejects.toMatchObject({ status: 415 })
  })
})

it('is made anew by whoever made it', async () => {
  upstream.answer(sora('done'))
  const { id } = await client.videos.create({ model: 'film', prompt: 'A river.', seconds: '8' })
  const again = await client.videos.remix(id, { prompt: 'With boats.' })
  expect(again).toMatchObject({ remixed_from_video_id: id, status: 'queued', model: 'film', prompt: 'With boats.' })
  const remix = upstream.received.findLast(({ method }) => method === 'POST')
  expect(remix?.path).toBe('/v1/videos/video_up/remix')
  expect(JSON.parse(remix?.body.toString() ?? '')).toEqual({ prompt: 'With boats.' })
  expect(await client.videos.retrieve(again.id)).toMatchObject({ status: 'completed' })
  expect(await lastRecord()).toMatchObject({ modelAsked: 'film', deployment: 'openai/sora-2' })
  upstream.answer(veo('done'))
  const other = await client.videos.create({ model: 'gemini/veo-3.1-generate-preview', prompt: 'A river.' })
  await expect(client.videos.remix(other.id, { prompt: 'x' })).rejects.toMatchObject({ status: 400 })
})

it('goes to the next target where the first fails, and the client may not be told', async () => {
  upstream.next(json({ error: { message: 'busy' } }, 503))
  upstream.next(json({ error: { message: 'busy' } }, 503))
  upstream.answer(veo('going'))
  const { data, response } = await client.videos.create({ model: 'film', prompt: 'A river.' }).withResponse()
  expect(response.headers.get('x-sluicegate-provider')).toBe('gemini')
  expect(await client.videos.retrieve(data.id)).toMatchObject({ status: 'in_progress' })
})

it('lists all of its owner, page by page in either order', async () => {
  upstream.answer(sora('going'))
  const owner = clientOf(poor)
  const ids: string[] = []
  for (const prompt of ['one', 'two']) ids.push((await owner.videos.create({ model: 'openai/sora-2', prompt })).id)
  const listed = []
  for await (const video of owner.videos.list({ limit: 1, order: 'asc' })) listed.push(video.id)
  expect(listed).toEqual(ids)
  expect((await owner.videos.list()).data.map(({ id }) => id)).toEqual(ids.toReversed())
})

describe('money', () => {
  it('is held from the order to the end, over restarts, and given back where the film fails', async () => {
    const owner = () => clientOf(poor)
    // Two films of 0.40 dollars each were ordered above.
    await expect(owner().videos.create({ model: 'openai/sora-2', prompt: 'three' })).rejects.toMatchObject({
      status: 402,
    })
    await gateway[Symbol.asyncDispose]()
    gateway = await startGateway(configuration(), { dir, keep: true })
    client = clientOf(clientKey)
    const [second, first] = (await owner().videos.list()).data
    await expect(owner().videos.create({ model: 'openai/sora-2', prompt: 'three' })).rejects.toMatchObject({
      status: 402,
    })
    upstream.answer(sora('failed'))
    expect(await owner().videos.retrieve(first?.id ?? '')).toMatchObject({ status: 'failed' })
    upstream.answer(sora('done'))
    expect(await owner().videos.retrieve(second?.id ?? '')).toMatchObject({ status: 'completed' })
    expect(await owner().videos.create({ model: 'openai/sora-2', prompt: 'three' })).toMatchObject({ status: 'queued' })
    await expect(owner().videos.create({ model: 'openai/sora-2', prompt: 'four' })).rejects.toMatchObject({
      status: 402,
    })
  })

  it('is not asked for where no price is known, and keys with a budget are refused', async () => {
    upstream.answer(sora('done'))
    const { id } = await client.videos.create({ model: 'unpriced/wan', prompt: 'A river.' })
    await client.videos.retrieve(id)
    expect(await lastRecord()).toMatchObject({ unpriced: true })
    const owner = clientOf(poor)
    await expect(owner.videos.create({ model: 'unpriced/wan', prompt: 'A' })).rejects.toMatchObject({
      code: 'unpriced_model',
    })
  })
})

describe('what goes wrong', () => {
  it('is told as it was known last where the provider cannot be asked', async () => {
    upstream.answer(sora('going'))
    const { id } = await client.videos.create({ model: 'openai/sora-2', prompt: 'A river.' })
    upstream.next(json({ error: { message: 'down' } }, 500))
    expect(await client.videos.retrieve(id)).toMatchObject({ status: 'queued' })
    // A question that had no answer at all is asked once more, in case that the connection was old.
    upstream.next((response) => void response.destroy())
    upstream.next((response) => void response.destroy())
    expect(await client.videos.retrieve(id)).toMatchObject({ status: 'queued' })
    upstream.next((response) => void response.end('no JSON'))
    expect(await client.videos.retrieve(id)).toMatchObject({ status: 'queued' })
    upstream.next(json({ error: { message: 'never heard of it' } }, 404))
    expect(await client.videos.retrieve(id)).toMatchObject({ status: 'failed' })
  })

  it('keeps the job of a client that has left before its answer', async () => {
    const before = (await client.videos.list({ limit: 100 })).data.length
    const held = Promise.withResolvers<void>()
    upstream.answer(async (response, request) => {
      if (request.method === 'POST') await held.promise
      return sora('going')(response, request)
    })
    const arrived = upstream.arrival()
    const leaving = new AbortController()
    const asked = client.videos.create({ model: 'openai/sora-2', prompt: 'left' }, { signal: leaving.signal })
    await arrived
    leaving.abort()
    await expect(asked).rejects.toThrow()
    held.resolve()
    const count = async () => (await client.videos.list({ limit: 100 })).data.length
    while ((await count()) === before) await settle()
    expect((await client.videos.list({ limit: 1 })).data[0]).toMatchObject({ prompt: 'left' })
  })

  it('breaks the connection where the film breaks off, and lets the provider go with the client', async () => {
    upstream.answer(sora('done'))
    const { id } = await client.videos.create({ model: 'openai/sora-2', prompt: 'A river.' })
    await client.videos.retrieve(id)
    upstream.next((response) => {
      response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': String(film.length) })
      response.write(film.subarray(0, 1000), () => response.destroy())
    })
    const broken = await client.videos.downloadContent(id)
    await expect(broken.arrayBuffer()).rejects.toThrow()
    const closed = new Promise<void>((resolve) => {
      upstream.next((response) => {
        response.writeHead(200, { 'content-type': 'video/mp4' })
        response.write(film)
        response.on('close', resolve)
      })
    })
    const request = httpRequest(`${gateway.url}/v1/videos/${id}/content`, {
      headers: { authorization: `Bearer ${clientKey}` },
    })
    request.end()
    request.on('error', () => undefined)
    request.on('response', (response) => response.destroy())
    await closed
    upstream.next(json({ error: { message: 'it has expired' } }, 404))
    await expect(client.videos.downloadContent(id)).rejects.toMatchObject({ message: /it has expired/ })
    await expect(client.videos.downloadContent(id, { variant: 'poster' as never })).rejects.toMatchObject({
      status: 400,
    })
  })
})

it.each(['http://127.0.0.1:1/film.mp4', 'https://films.example/film.mp4', 'nowhere'])(
  'fetches no film from a host that is not the service’s own: %s',
  async (uri) => {
    const response = { generateVideoResponse: { generatedSamples: [{ video: { uri } }] } }
    upstream.next(json({ name: veoName }), json({ name: veoName, done: true, response }))
    const { id } = await client.videos.create({ model: 'gemini/veo-3.1-generate-preview', prompt: 'A river.' })
    await client.videos.retrieve(id)
    const asked = client.videos.downloadContent(id)
    await expect(asked).rejects.toMatchObject({ status: uri === 'nowhere' ? 400 : 502 })
  },
)

it('knows no price of films by the price of tokens', async () => {
  upstream.answer(sora('done'))
  const { id } = await client.videos.create({ model: 'tokens/x', prompt: 'A river.' })
  await client.videos.retrieve(id)
  expect(await lastRecord()).toMatchObject({ surface: 'DONE /v1/videos', unpriced: true })
})

describe('the simulator', () => {
  it('makes a film that is a whole MP4 file, remixes and deletes it', async () => {
    const ordered = await client.videos.create({
      model: 'sim/text',
      prompt: 'A river.',
      seconds: '4',
      size: '1280x720',
    })
    expect(await client.videos.retrieve(ordered.id)).toMatchObject({ status: 'completed', seconds: '4' })
    const bytes = Buffer.from(await (await client.videos.downloadContent(ordered.id)).arrayBuffer())
    expect(boxesOf(bytes)).toEqual(['ftyp', 'moov', 'mdat'])
    const track = bytes.indexOf('mvhd')
    expect(bytes.readUInt32BE(track + 20) / bytes.readUInt32BE(track + 16)).toBe(4)
    const remixed = await client.videos.remix(ordered.id, { prompt: 'With boats.' })
    expect(remixed).toMatchObject({ remixed_from_video_id: ordered.id, seconds: '4', size: '1280x720' })
    await client.videos.delete(ordered.id)
    expect(await lastRecord()).toMatchObject({ cost: 0 })
  })

  it('takes as long as it is told to, and fails as it is told to', async () => {
    const slow = await client.videos.create({ model: 'sim/text?ttft=3600000', prompt: 'A river.' })
    expect(await client.videos.retrieve(slow.id)).toMatchObject({ status: 'in_progress' })
    const refused = await client.videos.create({ model: 'sim/refusal', prompt: 'A river.' })
    expect(await client.videos.retrieve(refused.id)).toMatchObject({ status: 'failed' })
    await expect(client.videos.create({ model: 'sim/fault?status=503', prompt: 'A' })).rejects.toMatchObject({
      status: 503,
    })
  })
})

function boxesOf(bytes: Buffer): string[] {
  const boxes: string[] = []
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) boxes.push(bytes.toString('latin1', at + 4, at + 8))
  return boxes
}
