/** Requests that no client library would send: refused in words where there is somebody to tell, and never taken for two requests or none. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anthropic, openai, protocols } from '../harness/protocols.ts'
import type { Protocol } from '../harness/protocols.ts'
import { rawClient, rawRequest } from '../harness/raw-http.ts'
import type { RawResponse } from '../harness/raw-http.ts'
import { json, stream } from '../harness/upstream.ts'
import { authorized, openStage } from './stage.ts'
import type { Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage({ yaml: 'server: { port: 0, request_timeout: 250ms, header_limit: 32KiB }' })
})

afterAll(() => stage[Symbol.asyncDispose]())

async function once(bytes: string | Uint8Array): Promise<RawResponse> {
  await using client = await rawClient(stage.url)
  client.send(bytes)
  return await client.response()
}

const told = (protocol: Protocol, { body }: RawResponse): string =>
  protocol.errorIn(JSON.parse(body.toString()))?.message ?? ''

describe.each(protocols.map((protocol) => [protocol.name, protocol] as const))('%s', (_name, protocol) => {
  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'QUERY'])(
    '%s is not allowed, and the answer says what is',
    async (method) => {
      const response = await once(rawRequest(method, protocol.path, authorized))
      expect(response.status).toBe(405)
      expect(response.headers['allow']).toBe('POST')
      expect(told(protocol, response)).toContain('POST')
      expect(response.headers['x-sluicegate-fault']).toBe('method_not_allowed')
    },
  )

  it('HEAD is not allowed, and its answer has no body', async () => {
    await using client = await rawClient(stage.url)
    client.send(rawRequest('HEAD', protocol.path, { ...authorized, connection: 'close' }))
    await client.closed
    expect(client.received.toString()).toMatch(/^HTTP\/1\.1 405 [^]*allow: POST[^]*\r\n\r\n$/)
  })

  it('answers a target with its scheme and host like one without', async () => {
    const model = stage.script(json(protocol.answer('by proxy')))
    const body = protocol.request(`${protocol.name}/${model}`)
    const response = await once(rawRequest('POST', `http://gateway.test${protocol.path}`, authorized, body))
    expect(protocol.textOf(response.body.toString())).toBe('by proxy')
  })

  it('answers a request that asks to switch protocols as if it had not', async () => {
    const model = stage.script(json(protocol.answer('no switch')))
    const headers = {
      ...authorized,
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABk',
    }
    const response = await once(
      rawRequest('POST', protocol.path, headers, protocol.request(`${protocol.name}/${model}`)),
    )
    expect(protocol.textOf(response.body.toString())).toBe('no switch')
  })

  it.each([false, true])('answers a client of HTTP/1.0, which knows no chunks (streamed: %s)', async (streamed) => {
    const answer = streamed ? stream(protocol.events(['so ', 'old'])) : json(protocol.answer('so old'))
    const model = stage.script(answer)
    const body = protocol.request(`${protocol.name}/${model}`, { stream: streamed })
    await using client = await rawClient(stage.url)
    client.send(
      rawRequest('POST', protocol.path, authorized, body)
        .replace('HTTP/1.1', 'HTTP/1.0')
        .replace('host: gateway\r\n', ''),
    )
    await client.closed
    const response = await client.response()
    expect(response.headers['transfer-encoding']).toBeUndefined()
    expect(protocol.textOf(response.body.toString())).toBe('so old')
  })

  it('answers a client that waits for leave to send its body', async () => {
    const model = stage.script(json(protocol.answer('go on')))
    const body = protocol.request(`${protocol.name}/${model}`)
    await using client = await rawClient(stage.url)
    client.send(
      rawRequest('POST', protocol.path, {
        ...authorized,
        expect: '100-continue',
        'content-length': String(body.length),
      }),
    )
    await client.until(/100 Continue/)
    client.send(body)
    expect(protocol.textOf((await client.response()).body.toString())).toBe('go on')
  })
})

describe('unknown paths', () => {
  it.each<[string, Record<string, string>, Protocol]>([
    ['/', {}, openai],
    ['/v1', {}, openai],
    ['/v1/chat/completions/', {}, openai],
    ['/v1/assistants', {}, openai],
    ['/V1/chat/completions', {}, openai],
    ['/v1//chat/completions', {}, openai],
    ['/v1/chat%2Fcompletions', {}, openai],
    ['/../../etc/passwd', {}, openai],
    ['/v1/messages/batches', {}, anthropic],
    ['/v1/complete', { 'anthropic-version': '2023-06-01' }, anthropic],
    [`/${'x'.repeat(8000)}`, {}, openai],
    ['*', {}, openai],
  ])('%s: 404 in the protocol that its client speaks', async (path, headers, protocol) => {
    const response = await once(
      Buffer.from(rawRequest(path === '*' ? 'OPTIONS' : 'POST', path, { ...authorized, ...headers }, '{}'), 'latin1'),
    )
    expect(response.status).toBe(404)
    expect(told(protocol, response)).toContain('/v1/messages')
    expect(response.headers['x-request-id']).toMatch(/^ex_/)
    expect(response.headers['request-id']).toBe(response.headers['x-request-id'])
  })

  it.each([
    '/v1/models/%zz',
    '/v1/models/%',
    '/v1/models/%C0%80',
    '/v1/models/',
    '/v1/models/__proto__',
    '/v1/models/constructor',
    `/v1/models/openai/${'x'.repeat(9000)}`,
  ])('%s: no such model', async (path) => {
    const response = await once(rawRequest('GET', path, authorized))
    expect(response.status).toBe(404)
    expect(response.headers['x-sluicegate-fault']).toBe('model_not_found')
    expect(told(openai, response)).not.toBe('')
  })
})

describe('what is not HTTP/1.1', () => {
  it.each<[string, string]>([
    ['a line of nonsense', 'HELLO\r\n\r\n'],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a header without a name', 'GET /health HTTP/1.1\r\nhost: x\r\n: y\r\n\r\n'],
    ['a header name with a space', 'GET /health HTTP/1.1\r\nhost: x\r\nx y: z\r\n\r\n'],
    ['a space before the colon', 'GET /health HTTP/1.1\r\nhost : x\r\n\r\n'],
    ['a header with a NUL', 'GET /health HTTP/1.1\r\nhost: x\r\nx: \0\r\n\r\n'],
    ['a folded header', 'GET /health HTTP/1.1\r\nhost: x\r\nx: a\r\n b\r\n\r\n'],
    ['a bare CR in a header', 'GET /health HTTP/1.1\r\nhost: x\r\nx: a\rb\r\n\r\n'],
    ['a version that there is not', 'GET /health HTTP/1.9\r\nhost: x\r\n\r\n'],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n'],
    ['a target that is not ASCII', 'GET /\x80\xff HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['a length that is no number', 'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: ten\r\n\r\n'],
    ['a negative length', 'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n'],
    ['a length with a sign', 'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: +5\r\n\r\nhello'],
    [
      'a length beyond all numbers',
      'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999999\r\n\r\n',
    ],
  ])('%s is refused in words, and the connection closed', async (_case, bytes) => {
    await using client = await rawClient(stage.url)
    client.send(Buffer.from(bytes, 'latin1'))
    const response = await client.response()
    await client.closed
    expect(response.status).toBe(400)
    expect(response.headers['x-sluicegate-fault']).toBe('malformed_http')
    expect(response.headers['x-request-id']).toMatch(/^ex_/)
    expect(told(openai, response)).toContain('HTTP/1.1')
  })
})

describe('bytes behind a request that are none', () => {
  it.each([
    ['a length that is too short', 'xx', {}],
    ['a line of nonsense', 'HELLO\r\n\r\n', {}],
    ['a line of nonsense, closing', 'HELLO\r\n\r\n', { connection: 'close' }],
    ['a head that is too large', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`, {}],
  ])('%s: the request has its answer, whole or streamed, and the connection ends', async (_case, bytes, headers) => {
    for (const streamed of [false, true]) {
      const model = stage.script(
        streamed ? stream(openai.events(['none the ', 'worse'])) : json(openai.answer('none the worse')),
      )
      await using client = await rawClient(stage.url)
      const body = openai.request(`openai/${model}`, { stream: streamed })
      client.send(rawRequest('POST', openai.path, { ...authorized, ...headers }, body) + bytes)
      const response = await client.response()
      await client.closed
      expect(response.status).toBe(200)
      expect(openai.textOf(response.body.toString())).toBe('none the worse')
      expect((await stage.gateway.records()).at(-1)).toMatchObject({ outcome: 'ok' })
    }
  })
})

describe('requests that two readers could take for different ones', () => {
  const hidden = rawRequest('POST', '/v1/chat/completions', authorized, openai.request('openai/smuggled'))
  const head = (...lines: string[]): string =>
    [
      'POST /v1/chat/completions HTTP/1.1',
      'host: x',
      `authorization: ${authorized.authorization}`,
      ...lines,
      '',
      '',
    ].join('\r\n')
  const chunk = (text: string, size = text.length.toString(16)): string => `${size}\r\n${text}\r\n`

  it.each<[string, string]>([
    ['a length and chunks', `${head('content-length: 4', 'transfer-encoding: chunked')}0\r\n\r\n${hidden}`],
    ['chunks and a length', `${head('transfer-encoding: chunked', 'content-length: 4')}0\r\n\r\n${hidden}`],
    ['two lengths', `${head('content-length: 0', `content-length: ${hidden.length}`)}${hidden}`],
    ['one length twice in a line', `${head(`content-length: 0, ${hidden.length}`)}${hidden}`],
    ['an encoding that is not chunked', `${head('transfer-encoding: identity')}${hidden}`],
    ['chunked and then something else', `${head('transfer-encoding: chunked, gzip')}0\r\n\r\n${hidden}`],
    ['an encoding with a strange space', `${head('transfer-encoding:\x0bchunked')}0\r\n\r\n${hidden}`],
    ['an encoding in disguise', `${head('transfer-encoding: xchunked')}0\r\n\r\n${hidden}`],
    ['a space before the colon', `${head('transfer-encoding : chunked')}0\r\n\r\n${hidden}`],
    ['a chunk size in another base', `${head('transfer-encoding: chunked')}${chunk('{}', '0x2')}0\r\n\r\n${hidden}`],
    [
      'a chunk size beyond all numbers',
      `${head('transfer-encoding: chunked')}${chunk('{}', 'fffffffffffffffff2')}0\r\n\r\n${hidden}`,
    ],
    ['a negative chunk size', `${head('transfer-encoding: chunked')}${chunk('{}', '-2')}0\r\n\r\n${hidden}`],
    ['a chunk without its line end', `${head('transfer-encoding: chunked')}2\r\n{}0\r\n\r\n${hidden}`],
    ['a chunk size with a bare LF', `${head('transfer-encoding: chunked')}2\n{}\r\n0\r\n\r\n${hidden}`],
    ['a bare LF in a chunk extension', `${head('transfer-encoding: chunked')}2;a\nb\r\n{}\r\n0\r\n\r\n${hidden}`],
    ['lines that end in bare LFs', `${head('content-length: 0').replaceAll('\r\n', '\n')}${hidden}`],
    ['a bare CR as a line end', `${head('content-length: 0').replace('\r\nhost', '\rhost')}${hidden}`],
  ])('%s: no second request comes of it, and the connection ends', async (_case, bytes) => {
    const before = (await stage.gateway.records()).length
    await using client = await rawClient(stage.url)
    client.send(Buffer.from(bytes, 'latin1'))
    await client.closed
    const statuses = [...client.received.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status)
    expect(statuses).toEqual(['400'])
    const records = (await stage.gateway.records()).slice(before)
    expect(records.filter(({ modelAsked }) => modelAsked === 'openai/smuggled')).toEqual([])
    expect(records.length).toBeLessThanOrEqual(1)
  })
})

describe('heads that are too large or too slow', () => {
  it('one header beyond the limit: 431 in words', async () => {
    const response = await once(rawRequest('GET', '/health', { x: 'y'.repeat(40_000) }))
    expect(response.status).toBe(431)
    expect(response.headers['x-sluicegate-fault']).toBe('headers_too_large')
    expect(told(openai, response)).toContain('server.header_limit')
  })

  it('many headers beyond the limit together: 431 in words', async () => {
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`x-header-${index}`, 'value']))
    expect((await once(rawRequest('GET', '/health', many))).status).toBe(431)
  })

  it('many small headers: none of them is lost', async () => {
    const many = Object.fromEntries(Array.from({ length: 2300 }, (_, index) => [index.toString(36), '']))
    const response = await once(rawRequest('GET', '/v1/models', { ...many, ...authorized }))
    expect(response.status).toBe(200)
  })

  it.each([
    ['a head that does not end', 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-slow: '],
    [
      'a body that does not come',
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: ${authorized.authorization}\r\nx-request-id: slow\r\ncontent-length: 100\r\n\r\n{"mod`,
    ],
  ])('%s: 408 after server.request_timeout, and the connection is closed', async (_case, bytes) => {
    await using client = await rawClient(stage.url)
    client.send(bytes)
    // A byte now and then does not help.
    const drip = setInterval(() => client.socket.write('x'), 40)
    const response = await client.response().finally(() => clearInterval(drip))
    await client.closed
    expect(response.status).toBe(408)
    expect(response.headers['x-sluicegate-fault']).toBe('request_timeout')
    expect(told(openai, response)).toContain('server.request_timeout')
  })

  it('a body that did not come in time is on record as that', async () => {
    expect(await stage.recordsOf('slow')).toMatchObject([{ status: 408, fault: 'request_timeout', outcome: 'fault' }])
  })

  it('a connection that says nothing at all is closed', async () => {
    await using client = await rawClient(stage.url)
    await client.closed
    expect(client.received.toString()).toMatch(/^(?:HTTP\/1\.1 408|$)/)
  })
})
