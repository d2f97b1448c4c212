/** Providers that cannot be reached, break off, or answer with something that is none: told as what it is, and made good by the next target. */
import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:https'
import type { Server } from 'node:https'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampled } from '../../src/kernel/testing/depth.ts'
import { selfSigned } from '../../src/transports/self-signed.fixture.ts'
import { freePort } from '../harness/free-port.ts'
import { openai, ways } from '../harness/protocols.ts'
import type { Protocol } from '../harness/protocols.ts'
import { json, stream } from '../harness/upstream.ts'
import type { Answer } from '../harness/upstream.ts'
import { ask, openStage } from './stage.ts'
import type { Stage } from './stage.ts'

let stage: Stage
let tls: Server
const elsewhere: string[] = []

beforeAll(async () => {
  tls = createTlsServer(selfSigned(), (_request, response) => response.end(JSON.stringify(openai.answer('never read'))))
  tls.listen(0, '127.0.0.1')
  await once(tls, 'listening')
  const { port: tlsPort } = tls.address() as AddressInfo
  const closed = await freePort()
  stage = await openStage({
    providers: ['openai', 'anthropic'].flatMap((use) => [
      `closed-${use}: { use: ${use}, base_url: "http://127.0.0.1:${closed}/v1", credentials: k }`,
      `tls-${use}: { use: ${use}, base_url: "https://127.0.0.1:${tlsPort}/v1", credentials: k }`,
      `plain-${use}: { use: ${use}, base_url: "https://127.0.0.1:UPSTREAM_PORT/v1", credentials: k }`,
    ]),
  })
})

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  tls.closeAllConnections()
  tls.close()
})

/** Whole answer as it goes over the wire. */
const raw =
  (...pieces: (string | Uint8Array)[]): Answer =>
  async (response) => {
    for (const piece of pieces.slice(0, -1)) {
      response.socket?.write(piece)
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    }
    response.socket?.end(pieces.at(-1) ?? '')
  }

/** The same, and then the connection is reset. */
const rawReset =
  (bytes: string): Answer =>
  (response) => {
    const { socket } = response
    if (bytes === '') socket?.resetAndDestroy()
    else socket?.write(bytes, () => socket.resetAndDestroy())
  }

const body = (
  contentType: string,
  text: string | Uint8Array,
  headers: Record<string, string> = {},
  status = 200,
): Answer => {
  return (response) => void response.writeHead(status, { 'content-type': contentType, ...headers }).end(text)
}

const head = (...lines: string[]): string =>
  ['HTTP/1.1 200 OK', 'content-type: application/json', ...lines, '', ''].join('\r\n')

/** Where one of two codes stands, the two relays see the same thing from different sides. */
type Case = readonly [name: string, answer: (provider: Protocol) => Answer, code: string]

/** Faults of every answer, streamed or not. */
const always: readonly Case[] = [
  ['closes the connection without a word', () => rawReset(''), 'provider_unreachable'],
  ['ends the connection without a word', () => raw(''), 'provider_unreachable'],
  ['breaks off in the middle of the head', () => rawReset('HTTP/1.1 200 OK\r\ncontent-ty'), 'provider_unreachable'],
  ['does not speak HTTP', () => raw('SSH-2.0-OpenSSH_9.9\r\n'), 'provider_malformed'],
  ['tells two lengths', () => raw(`${head('content-length: 2', 'content-length: 3')}{}`), 'provider_malformed'],
  ['sends a head without end', () => raw(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(200_000)}`), 'provider_malformed'],
  ['answers with a web page', () => body('text/html', '<!doctype html><title>Welcome</title>'), 'provider_malformed'],
  ['answers with nothing', () => body('application/json', ''), 'provider_malformed'],
  [
    'redirects',
    () => (response) => void response.writeHead(302, { location: elsewhere[0] ?? '/' }).end(),
    'provider_malformed',
  ],
  [
    'answers with status 777',
    () => (response) => void response.writeHead(777, { 'content-type': 'application/json' }).end('{}'),
    'provider_malformed',
  ],
  ['answers with status 304', () => (response) => void response.writeHead(304).end(), 'provider_malformed'],
  ['answers with half an object', () => body('application/json', '{"id":"x","cho'), 'provider_malformed'],
  [
    'answers in an encoding that nobody asked for',
    () => body('application/json', 'xx', { 'content-encoding': 'rot13' }),
    'provider_malformed',
  ],
  [
    'answers with an archive that is none',
    () => body('application/json', '{}', { 'content-encoding': 'gzip' }),
    'provider_malformed',
  ],
]

const complete: readonly Case[] = [
  [
    'breaks off in the middle of a body with a length',
    () => rawReset(`${head('content-length: 4000')}{"id":"chatcmpl`),
    'provider_cut',
  ],
  [
    'ends in the middle of a body with a length',
    () => raw(`${head('content-length: 4000')}{"id":"chatcmpl`),
    'provider_cut',
  ],
  [
    'breaks off between two chunks',
    () => rawReset(`${head('transfer-encoding: chunked')}5\r\n{"id"\r\n`),
    'provider_cut',
  ],
  ['ends without the last chunk', () => raw(`${head('transfer-encoding: chunked')}5\r\n{"id"\r\n`), 'provider_cut'],
  [
    'sends a chunk without a size',
    () => raw(`${head('transfer-encoding: chunked')}zz\r\n{}\r\n0\r\n\r\n`),
    'provider_malformed',
  ],
  [
    'sends a chunk longer than it said',
    () => raw(`${head('transfer-encoding: chunked')}2\r\n{}{}{}\r\n0\r\n\r\n`),
    'provider_malformed',
  ],
  ['answers with status 204', () => (response) => void response.writeHead(204).end(), 'provider_malformed'],
  ['answers with a list', () => json([]), 'provider_malformed'],
  ['answers with null', () => json('null'), 'provider_malformed'],
  ['answers with a string', () => json('"hello"'), 'provider_malformed'],
  ['answers with an empty object', () => json({}), 'provider_malformed'],
  [
    'answers with what is not UTF-8',
    () => body('application/json', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])),
    'provider_malformed',
  ],
  [
    'answers with a nesting without end',
    () => json(`{"id":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
    'provider_malformed',
  ],
  [
    'answers with the other protocol',
    (provider) => json(provider === openai ? { type: 'message', role: 'user' } : openai.answer('x')),
    'provider_malformed',
  ],
  ['answers with a stream', (provider) => stream(provider.events(['x'])), 'provider_malformed'],
  [
    'answers an error with status 200',
    (provider) => json(provider.errorAnswer('overloaded_error', 'full')),
    'provider_overloaded',
  ],
]

const streamed: readonly Case[] = [
  ['answers with status 204', () => (response) => void response.writeHead(204).end(), 'provider_cut'],
  ['answers with a complete answer', (provider) => json(provider.answer('x')), 'provider_malformed'],
  ['answers with a stream without events', () => stream([]), 'provider_cut'],
  ['answers with a stream of comments alone', () => stream([': hello\n\n', ': still there\n\n']), 'provider_cut'],
  ['ends the stream before it began', () => stream(['data: [DONE]\n\n']), 'provider_cut|provider_malformed'],
  ['sends an event that is not JSON', () => stream(['data: {"id":\n\n', 'data: {}\n\n']), 'provider_malformed'],
  ['sends an event that is no object', () => stream(['data: 17\n\n']), 'provider_malformed'],
  [
    'sends a web page as a stream',
    () => stream([`<!doctype html>\n\n<title>Welcome</title>\n\n${'<p>more</p>\n\n'.repeat(200)}`]),
    'provider_cut',
  ],
  [
    'breaks off before the first event is whole',
    () =>
      rawReset(
        'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: {"i\r\n',
      ),
    'provider_cut',
  ],
  [
    'ends before the first event is whole',
    () => stream(['data: {"id":"chatcmpl-1","choi']),
    'provider_cut|provider_malformed',
  ],
  [
    'breaks the chunked encoding before the first event',
    () => raw('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
    'provider_malformed',
  ],
  [
    'begins with an error',
    (provider) => stream([provider.errorEvent('overloaded_error', 'full')]),
    'provider_overloaded',
  ],
]

describe.each(ways)('%s: a provider that', (name, { client, provider, at }) => {
  const cases = [
    ...always.flatMap((one) => [[...one, false] as const, [...one, true] as const]),
    ...complete.map((one) => [...one, false] as const),
    ...streamed.map((one) => [...one, true] as const),
  ].map(
    ([what, answer, code, streams]) =>
      [`${what} (${streams ? 'streamed' : 'complete'})`, answer, code, streams] as const,
  )

  const row = ways.findIndex(([way]) => way === name)
  it.each(sampled(cases, 2, row))('%s', async (_case, answer, codes, streams) => {
    const request = (model: string): string => client.request(model, streams ? { stream: true } : {})
    const model = stage.script(answer(provider))
    const alone = await ask(stage, client, request(`${at}/${model}`))
    const told = client.errorIn(await alone.json())
    const code = alone.headers.get('x-sluicegate-fault') ?? ''
    expect(codes.split('|')).toContain(told === undefined ? 'an error in the client’s protocol' : code)
    expect(alone.status).toBe(code === 'provider_overloaded' ? 503 : 502)
    expect(told?.message).not.toMatch(/127\.0\.0\.1|ECONN|UND_ERR|The request/)
    expect(alone.headers.get('x-sluicegate-attempts')).toBe('1')
    const record = await stage.recordOf(alone.headers.get('x-request-id'))
    expect(record).toMatchObject({ outcome: 'fault', fault: code, attempts: [{ fault: code }] })
    expect(record.usage).toBeUndefined()

    const good = streams ? stream(provider.events(['well', ' done'])) : json(provider.answer('well done'))
    const router = stage.router([at, answer(provider)], [at, good])
    const response = await ask(stage, client, request(router.name))
    expect(response.status).toBe(200)
    expect(client.textOf(await response.text())).toBe('well done')
    expect(response.headers.get('x-sluicegate-attempts')).toBe('2')
  })
})

describe.each(ways)('%s: an address', (_name, { client, provider, at }) => {
  it.each([
    ['where nobody listens', 'closed', 'provider_unreachable'],
    ['whose certificate nobody vouches for', 'tls', 'provider_tls'],
    ['that does not speak TLS', 'plain', 'provider_tls'],
  ])('%s is a fault of the provider, and the next target is asked', async (_case, name, code) => {
    const alone = await ask(stage, client, client.request(`${name}-${at}/m`))
    const told = client.errorIn(await alone.json())
    expect(alone.status).toBe(502)
    expect(alone.headers.get('x-sluicegate-fault')).toBe(code)
    expect(told?.message).not.toMatch(/127\.0\.0\.1|ECONN|SELF_SIGNED/)

    const bad = `${name}-${at}`
    const router = stage.router([bad], [at, json(provider.answer('reached'))])
    const response = await ask(stage, client, client.request(router.name))
    expect(client.textOf(await response.text())).toBe('reached')
  })
})

describe.each(ways)('%s: an answer is read', (_name, { client, provider, at }) => {
  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('whole when it comes as %s', async (encoding, compress) => {
    const text = 'weit '.repeat(5000)
    const model = stage.script(
      body('application/json', compress(JSON.stringify(provider.answer(text))), { 'content-encoding': encoding }),
    )
    const response = await ask(stage, client, client.request(`${at}/${model}`))
    expect(response.headers.get('content-encoding')).toBeNull()
    expect(client.textOf(await response.text())).toBe(text)
  })

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('as a stream when that comes as %s', async (encoding, compress) => {
    const bytes = compress(provider.events(['one', ' two', ' three']).join(''))
    const model = stage.script(stream([bytes.subarray(0, 40), bytes.subarray(40)], { 'content-encoding': encoding }))
    const response = await ask(stage, client, client.request(`${at}/${model}`, { stream: true }))
    expect(client.textOf(await response.text())).toBe('one two three')
  })

  it('after an interim answer', async () => {
    const text = JSON.stringify(provider.answer('late'))
    const model = stage.script(
      raw(
        'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n',
        `${head(`content-length: ${text.length}`, 'connection: close')}${text}`,
      ),
    )
    const response = await ask(stage, client, client.request(`${at}/${model}`))
    expect(client.textOf(await response.text())).toBe('late')
  })

  it('when its content type is spelled in capitals', async () => {
    const model = stage.script(
      stream(provider.events(['fine']), { 'content-type': 'Text/Event-Stream; charset=UTF-8' }),
    )
    const response = await ask(stage, client, client.request(`${at}/${model}`, { stream: true }))
    expect(client.textOf(await response.text())).toBe('fine')
  })

  it('when it comes before the request has been taken in, and the connection is closed on the rest', async () => {
    const refusal = provider.errorAnswer('invalid_request_error', 'too large for us')
    const router = stage.router(
      [at, json(refusal, 413, { connection: 'close' })],
      [at, json(provider.answer('never asked'))],
    )
    const response = await ask(
      stage,
      client,
      client.request(router.name, { messages: [{ role: 'user', content: 'x'.repeat(3_000_000) }] }),
    )
    expect(response.status).toBe(413)
    expect(await response.text()).toContain('too large for us')
  })
})

it('a redirect is not followed', async () => {
  const hits: string[] = []
  const other = createServer((socket) => {
    hits.push('connected')
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(other, 'listening')
  elsewhere[0] = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`
  const model = stage.script((response) => void response.writeHead(307, { location: elsewhere[0] }).end())
  const response = await ask(stage, openai, openai.request(`openai/${model}`))
  await response.text()
  expect(response.status).toBe(502)
  expect(hits).toEqual([])
  other.close()
})
