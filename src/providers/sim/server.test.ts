/** The simulator over HTTP: every fault as a client meets it, and the small things a server has. */
import { request as httpRequest } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Clock } from '../../kernel/clock.ts'
import { serveSim } from './server.ts'
import type { SimServer } from './server.ts'

/** Time that passes at once, so that nothing here waits; what it was asked to wait for is kept. */
const waits: number[] = []
let elapsed = 0
const clock: Clock = {
  now: () => 1_800_000_000_000 + elapsed,
  monotonic: () => elapsed,
  after(delayMs, fire) {
    waits.push(delayMs)
    const turn = setImmediate(() => {
      elapsed += delayMs
      fire()
    })
    return { cancel: () => clearImmediate(turn) }
  },
}

let server: SimServer
beforeAll(async () => {
  server = await serveSim({ clock, bodyLimit: 100_000 })
})
afterAll(() => server[Symbol.asyncDispose]())

interface Got {
  status?: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  chunks: number
  /** How it ended: well, or with this error's code. */
  ending: string
}

interface Sent {
  readonly path?: string
  readonly stream?: boolean
  readonly headers?: Record<string, string>
  /** Instead of the usual request. */
  readonly raw?: string
  readonly method?: string
  /** Hang up after so many bytes. */
  readonly enough?: number
}

function send(model: string, sent: Sent = {}): Promise<Got> {
  const { path = '/v1/chat/completions', stream = false, headers = {}, method = 'POST', enough = Infinity } = sent
  const anthropic = path.includes('messages')
  const body =
    sent.raw ??
    JSON.stringify({
      model,
      stream,
      messages: [{ role: 'user', content: 'Hi' }],
      ...(anthropic && { max_tokens: 100 }),
    })
  return new Promise((resolve) => {
    const got: Got = { headers: {}, body: Buffer.alloc(0), chunks: 0, ending: 'none' }
    const end = (ending: string): void => {
      if (got.ending === 'none') got.ending = ending
      resolve(got)
    }
    const outgoing = httpRequest(
      `${server.url}${path}`,
      { method, headers: { 'content-type': 'application/json', ...headers }, agent: false },
      (response) => {
        got.status = response.statusCode ?? 0
        got.headers = response.headers
        response.on('data', (chunk: Buffer) => {
          got.body = Buffer.concat([got.body, chunk])
          got.chunks++
          if (got.body.length < enough) return
          end('enough')
          outgoing.destroy()
        })
        response.on('end', () => end('end'))
        response.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
      },
    )
    outgoing.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    outgoing.end(method === 'GET' ? undefined : body)
  })
}

const textOf = (got: Got): string => got.body.toString()
const data = (got: Got): string[] => Array.from(textOf(got).matchAll(/^data: (.*)$/gm), (match) => match[1] ?? '')

describe('the server', () => {
  it('answers with and without /v1, and asks for no key', async () => {
    for (const path of ['/v1/chat/completions', '/chat/completions', '/v1/messages', '/messages']) {
      expect((await send('sim/fast', { path })).status).toBe(200)
    }
  })

  it('tells that it is well', async () => {
    expect(textOf(await send('', { path: '/health', method: 'GET' }))).toBe('{"status":"ok"}')
  })

  it('lists its models in either shape', async () => {
    const openai = JSON.parse(textOf(await send('', { path: '/v1/models', method: 'GET' })))
    expect(openai).toMatchObject({
      object: 'list',
      data: expect.arrayContaining([expect.objectContaining({ id: 'sim/fast', object: 'model' })]),
    })
    const headers = { 'anthropic-version': '2023-06-01' }
    const anthropic = JSON.parse(textOf(await send('', { path: '/models', method: 'GET', headers })))
    expect(anthropic).toMatchObject({
      has_more: false,
      first_id: 'sim/text',
      data: expect.arrayContaining([expect.objectContaining({ id: 'sim/echo', type: 'model' })]),
    })
    for (const path of ['/v1/models/sim/fast', '/v1/models/sim%2Ffast']) {
      expect(JSON.parse(textOf(await send('', { path, method: 'GET' })))).toMatchObject({ id: 'sim/fast' })
    }
    expect((await send('', { path: '/v1/models/gpt-4o', method: 'GET' })).status).toBe(404)
  })

  it('takes parameters from headers, over those of the name', async () => {
    const got = await send('sim/fault?status=500', { headers: { 'x-sim-status': '429', 'X-Sim-Retry-After': '7' } })
    expect(got.status).toBe(429)
    expect(got.headers['retry-after']).toBe('7')
    expect((await send('sim/text', { headers: { 'x-sim-speed': '9' } })).status).toBe(400)
  })

  it('refuses a body that is too large', async () => {
    expect((await send('', { raw: 'x'.repeat(200_000) })).status).toBe(413)
  })

  it('stops when its client is gone', async () => {
    const before = waits.length
    const got = await send('sim/text?tokens=100000&tps=1000', { stream: true, enough: 500 })
    expect(got.ending).toBe('enough')
    // Far fewer than the tokens there would have been.
    await send('sim/fast')
    expect(waits.length - before).toBeLessThan(50_000)
  })

  it('says so when its address is taken', async () => {
    await expect(serveSim({ port: server.port })).rejects.toThrow('EADDRINUSE')
  })
})

describe('a fault', () => {
  it('status, error, retry_after: answers with an error of the protocol', async () => {
    const openai = await send('sim/fault?status=429&retry_after=3')
    expect(openai).toMatchObject({ status: 429, headers: { 'retry-after': '3' } })
    expect(JSON.parse(textOf(openai))).toMatchObject({
      error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
    })
    const anthropic = await send('sim/fault?status=529', { path: '/v1/messages', stream: true })
    expect(anthropic.headers['content-type']).toBe('application/json')
    expect(JSON.parse(textOf(anthropic))).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } })
    const named = await send('sim/fault?status=429&error=insufficient_quota')
    expect(JSON.parse(textOf(named))).toMatchObject({
      error: { type: 'insufficient_quota', code: 'insufficient_quota' },
    })
  })

  it('after: lets so many chunks of a stream come first', async () => {
    const got = await send('sim/fault?status=503&after=3', { stream: true })
    expect(got.status).toBe(200)
    const events = data(got)
    expect(events).toHaveLength(4)
    expect(JSON.parse(events[3] ?? '')).toMatchObject({ error: { type: 'server_error' } })
    expect((await send('sim/fault?status=503&after=3')).status).toBe(503)
  })

  it('times and rate: happens only so often', async () => {
    const statuses: (number | undefined)[] = []
    for (let call = 0; call < 3; call++) statuses.push((await send('sim/fault?status=500&times=2')).status)
    expect(statuses).toEqual([500, 500, 200])
    expect((await send('sim/fault?status=500&rate=0')).status).toBe(200)
    expect((await send('sim/fault?status=500&rate=1')).status).toBe(500)
  })

  it('latency: waits before the head', async () => {
    waits.length = 0
    expect((await send('sim/fault?latency=1234')).status).toBe(200)
    expect(waits).toEqual([1234])
  })

  it('error_event: ends the stream with an error in it', async () => {
    const anthropic = await send('sim/fault?error_event=2&error=overloaded_error', { path: '/messages', stream: true })
    expect(textOf(anthropic)).toMatch(/event: error\ndata: \{"type":"error","error":\{"type":"overloaded_error".*\n\n$/)
    const openai = await send('sim/fault?error_event=0', { stream: true })
    expect(data(openai)).toHaveLength(1)
    const whole = await send('sim/fault?error_event=2')
    expect(whole.status).toBe(200)
    expect(JSON.parse(textOf(whole))).toHaveProperty('error')
  })

  it('stall: stops in the middle, for a while or for ever', async () => {
    waits.length = 0
    const while_ = await send('sim/fault?stall=5000&after=2', { stream: true })
    expect(waits).toEqual([5000])
    expect(while_.ending).toBe('end')
    const usual = textOf(await send('sim/text', { stream: true }))
    for (const stream of [true, false]) {
      // What there is before the stall is all that ever comes; the request is given up here.
      const first = await send('sim/fault?stall=forever&after=1', { stream, enough: 10 })
      expect(first.ending).toBe('enough')
      expect(first.body.length).toBeLessThan(usual.length / 3)
    }
  })

  it('cut: closes the connection after so many chunks', async () => {
    const got = await send('sim/fault?cut=3', { stream: true })
    expect(data(got)).toHaveLength(3)
    expect(got.ending).toBe('ECONNRESET')
    const head = await send('sim/fault?cut=0', { stream: true })
    expect(head).toMatchObject({ status: 200, ending: 'ECONNRESET' })
    const whole = await send('sim/fault?cut=4')
    expect(whole.ending).toBe('ECONNRESET')
    expect(whole.body.length).toBeGreaterThan(100)
  })

  it('reset: closes the connection before any answer', async () => {
    const got = await send('sim/fault?reset')
    expect(got.status).toBeUndefined()
    expect(got.ending).toBe('ECONNRESET')
  })

  it('malformed: has a chunk that is not JSON, and goes on', async () => {
    const events = data(await send('sim/fault?malformed=3', { stream: true }))
    expect(() => JSON.parse(events[2] ?? '')).toThrow()
    expect(
      events
        .filter((_one, at) => at !== 2 && at < events.length - 1)
        .every((one) => typeof JSON.parse(one) === 'object'),
    ).toBe(true)
    expect(events.at(-1)).toBe('[DONE]')
    const whole = await send('sim/fault?malformed=1')
    expect(whole).toMatchObject({ status: 200, ending: 'end' })
    expect(() => JSON.parse(textOf(whole))).toThrow()
  })

  it('content_type: says that it is something else', async () => {
    const page = await send('sim/fault?content_type=text/html&status=502')
    expect(page).toMatchObject({ status: 502, headers: { 'content-type': 'text/html' } })
    expect(textOf(page)).toMatch(/^<!doctype html>/)
    const odd = await send('sim/fault?content_type=text/plain', { stream: true })
    expect(odd.headers['content-type']).toBe('text/plain')
    expect(data(odd).at(-1)).toBe('[DONE]')
  })

  it('trickle: comes byte by byte', async () => {
    waits.length = 0
    const got = await send('sim/fault?trickle=10&tokens=1')
    expect(waits).toHaveLength(got.body.length)
    expect(new Set(waits)).toEqual(new Set([10]))
    expect(JSON.parse(textOf(got))).toMatchObject({ object: 'chat.completion' })
  })

  it('empty: is a success with nothing in it', async () => {
    for (const stream of [true, false]) {
      expect(await send('sim/fault?empty', { stream })).toMatchObject({
        status: 200,
        body: Buffer.alloc(0),
        ending: 'end',
      })
    }
  })

  it('huge: is as large as asked, and still of the protocol', async () => {
    const whole = await send('sim/fault?huge=300000')
    expect(whole.body.length).toBeGreaterThan(300_000)
    expect(JSON.parse(textOf(whole)).padding).toHaveLength(300_000)
    const events = data(await send('sim/fault?huge=100000', { stream: true }))
    expect(JSON.parse(events[0] ?? '')).toMatchObject({ object: 'chat.completion.chunk' })
    // A gigabyte begins at once and costs no memory.
    expect((await send('sim/fault?huge=4294967296', { enough: 1_000_000 })).ending).toBe('enough')
  })

  it('gzip: is compressed, event by event, or corrupt', async () => {
    const usual = textOf(await send('sim/fast', { stream: true }))
    const got = await send('sim/fast?gzip', { stream: true })
    expect(got.headers['content-encoding']).toBe('gzip')
    const mask = (text: string): string => text.replaceAll(/chatcmpl-\w+/g, '').replaceAll('sim/fast?gzip', 'sim/fast')
    expect(mask(gunzipSync(got.body).toString())).toBe(mask(usual))
    const whole = await send('sim/fast?gzip=true')
    expect(whole.headers).not.toHaveProperty('content-length')
    expect(JSON.parse(gunzipSync(whole.body).toString())).toMatchObject({ object: 'chat.completion' })
    const corrupt = await send('sim/fast?gzip=corrupt')
    expect(() => gunzipSync(corrupt.body)).toThrow()
  })
})
