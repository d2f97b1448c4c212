/**
 * Providers' own paths under bad conditions: clients that try to leave the path, the host or their place, that go, or read slowly, and
 * providers that break off or stall.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { rawClient } from '../harness/raw-http.ts'
import { json, listen, startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

let upstream: Upstream
let gateway: Gateway

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(`
server: { port: 0, body_limit: 3MiB, upload_limit: 5MiB }
providers:
  openai:
    base_url: ${upstream.url}/proxy/v1
    credentials: sk-proj-upstream
    headers: { x-tenant: ours }
    prices: { input: 1000, output: 2000 }
    pass_through: { enabled: true }
  aws:
    use: bedrock
    base_url: ${upstream.url}
    region: eu-west-1
    access_key_id: AKIDEXAMPLE
    secret_access_key: wJalrXUtnFEMI
    pass_through: { enabled: true }
  sim: { pass_through: { enabled: true } }
`)
})
beforeEach(() => upstream.answer(json({ ok: true })))
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

const key = `authorization: Bearer ${clientKey}\r\n`

/** The status of a request whose line and headers are written as given. */
async function sent(line: string, headers = '', body = ''): Promise<{ status: number; text: string; fault: string }> {
  await using client = await rawClient(gateway.url)
  client.send(`${line} HTTP/1.1\r\nhost: gate\r\n${key}${headers}\r\n${body}`)
  const { status, body: bytes, headers: given } = await client.response()
  return { status, text: bytes.toString(), fault: given['x-sluicegate-fault'] ?? '' }
}

async function lastRecord() {
  const record = await gateway.lastRecord()
  if (record === undefined) throw new Error('there is no record')
  return record
}

describe('a request line', () => {
  it.each([
    '/openai/../admin',
    '/openai/v1/../../admin',
    '/openai/v1/%2e%2e/%2e%2e/admin',
    '/openai/v1/%252e%252e/admin',
    '/openai/v1/files/..;/..;/admin',
    '/openai/v1/..%2f..%2fadmin',
    String.raw`/openai/v1/..\..\admin`,
    '/openai//evil.example/x',
    '/openai/v1//x',
    '/openai/%2f%2fevil.example',
    '/openai/v1/files%0d%0ax-evil:%201',
    '/openai/v1/files%00',
    '/openai/v1/a#b',
    '/openai/http://evil.example/',
    '/passthrough/openai/../aws/x',
    'http://evil.example/openai/../x',
  ])('that leads elsewhere reaches nobody: %s', async (path) => {
    const before = upstream.received.length
    const { status } = await sent(`GET ${path}`)
    expect([400, 404]).toContain(status)
    expect(upstream.received.length).toBe(before)
  })

  it('in the absolute form leads below the base URL all the same', async () => {
    const { status } = await sent('GET http://evil.example/openai/v1/files?a=1')
    expect(status).toBe(200)
    const received = upstream.received.at(-1)
    expect([received?.path, received?.headers.host]).toEqual(['/proxy/v1/files?a=1', new URL(upstream.url).host])
  })

  it('keeps its escapes, and its query but for what authenticates', async () => {
    await sent('GET /openai/v1/models/a%2Fb%20c?x=%20&key=secret&y[]=1&%6bey=secret&access_token=secret')
    expect(upstream.received.at(-1)?.path).toBe('/proxy/v1/models/a%2Fb%20c?x=%20&y[]=1')
  })

  it('may have the key in its query, which goes no further', async () => {
    const response = await fetch(`${gateway.url}/openai/v1/files?key=${clientKey}&limit=1`)
    expect([response.status, upstream.received.at(-1)?.path]).toEqual([200, '/proxy/v1/files?limit=1'])
  })

  it('may not have any method, nor ask for a WebSocket', async () => {
    expect(await sent('TRACE /openai/v1/files')).toMatchObject({ status: 405, fault: 'method_not_allowed' })
    const upgrade = await sent(
      'GET /openai/v1/realtime?model=x',
      'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
    )
    expect(upgrade).toMatchObject({ status: 400, fault: 'operation_not_supported' })
    expect(upgrade.text).toContain('WebSocket connections are not passed through')
  })
})

describe('headers', () => {
  it('go along but for those that are of the connection, authenticate, route or choose an account', async () => {
    await sent(
      'POST /openai/v1/files',
      [
        'openai-beta: assistants=v2',
        'idempotency-key: abc',
        'range: bytes=0-1',
        'content-type: application/x-odd',
        'connection: keep-alive, x-hop',
        'x-hop: 1',
        'keep-alive: timeout=5',
        'te: trailers',
        'proxy-authorization: Basic x',
        'x-api-key: sk-mine',
        'api-key: sk-mine',
        'x-goog-api-key: sk-mine',
        'xi-api-key: sk-mine',
        'x-amz-security-token: mine',
        'ocp-apim-subscription-key: mine',
        'cookie: session=1',
        'openai-organization: org-other',
        'openai-project: proj-other',
        'x-http-method-override: DELETE',
        'x-original-url: /admin',
        'x-rewrite-url: /admin',
        'x-forwarded-host: evil.example',
        'x-forwarded-for: 10.0.0.1',
        'forwarded: for=10.0.0.1',
        'x-sluicegate-anything: 1',
        'x-tenant: theirs',
        'expect: 100-continue',
        'content-length: 2',
        '',
      ].join('\r\n'),
      'hi',
    )
    const { headers, body } = upstream.received.at(-1) ?? { headers: {}, body: '' }
    expect(headers).toEqual({
      host: new URL(upstream.url).host,
      connection: 'keep-alive',
      'user-agent': 'sluicegate',
      'openai-beta': 'assistants=v2',
      'idempotency-key': 'abc',
      range: 'bytes=0-1',
      'content-type': 'application/x-odd',
      'x-tenant': 'ours',
      'accept-encoding': 'identity',
      authorization: 'Bearer sk-proj-upstream',
      'content-length': '2',
    })
    expect(body.toString()).toBe('hi')
  })

  it('cannot make two requests of one', async () => {
    const before = upstream.received.length
    const both = await sent(
      'POST /openai/v1/files',
      'content-length: 4\r\ntransfer-encoding: chunked\r\n',
      '0\r\n\r\nGET /openai/v1/other HTTP/1.1\r\nhost: x\r\n\r\n',
    )
    expect(both.status).toBe(400)
    const obscured = await sent('POST /openai/v1/files', 'transfer-encoding: chunked, identity\r\n', '0\r\n\r\n')
    expect(obscured.status).toBe(400)
    expect(upstream.received.length).toBe(before)
  })

  it('of the answer come along but for those of the connection, cookies, and the account', async () => {
    upstream.next((response) => {
      response.writeHead(206, {
        'content-type': 'application/x-odd',
        'content-range': 'bytes 0-1/9',
        etag: '"e"',
        'set-cookie': ['a=1', 'b=2'],
        'openai-organization': 'org-ours',
        'x-sluicegate-cost-usd': '0',
        'x-echo': 'sk-proj-upstream',
        connection: 'keep-alive, x-hop',
        'x-hop': '1',
        'x-request-id': 'theirs',
      })
      response.end('ab')
    })
    const response = await fetch(`${gateway.url}/openai/v1/files/x`, { headers: { 'x-api-key': clientKey } })
    expect([response.status, await response.text()]).toEqual([206, 'ab'])
    const { headers } = response
    expect(headers.get('content-range')).toBe('bytes 0-1/9')
    expect(headers.get('content-type')).toBe('application/x-odd')
    expect(headers.get('etag')).toBe('"e"')
    expect(headers.get('x-echo')).toBe('[credential]')
    expect(headers.get('x-request-id')).toMatch(/^(?!theirs)/)
    for (const name of ['set-cookie', 'openai-organization', 'x-sluicegate-cost-usd', 'x-hop'])
      expect([name, headers.get(name)]).toEqual([name, null])
  })
})

describe('a client', () => {
  it('that goes stops the provider at once, and is on record', async () => {
    upstream.next((response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' })
      response.write('beginning')
    })
    const client = await rawClient(gateway.url)
    const arrived = upstream.arrival()
    client.send(`GET /openai/v1/files/x/content HTTP/1.1\r\nhost: gate\r\n${key}\r\n`)
    await client.until(/beginning/)
    client.socket.destroy()
    await (
      await arrived
    ).closed
    expect(await lastRecord()).toMatchObject({ outcome: 'client-gone', bytes: { sent: 9 } })
  })

  it('that goes in the middle of its upload takes the call with it', async () => {
    const server = createServer()
    const port = await listen(server)
    await using other = await startGateway(
      `providers: { openai: { base_url: "http://127.0.0.1:${port}/v1", credentials: k, pass_through: { enabled: true } } }`,
    )
    const client = await rawClient(other.url)
    client.send(
      `POST /openai/v1/files HTTP/1.1\r\nhost: gate\r\n${key}content-length: 9000000\r\n\r\n${'x'.repeat(2_000_000)}`,
    )
    const [request] = (await once(server, 'request')) as [IncomingMessage]
    request.on('error', () => {}).resume()
    const gone = new Promise<void>((resolve) => {
      request.on('close', () => resolve())
    })
    client.socket.destroy()
    await gone
    await closed(server)
    const record = await other.lastRecord()
    expect(record).toMatchObject({ outcome: 'client-gone', fault: 'client_gone' })
  })

  it.each([
    ['as it comes', '/openai/v1/files', 6 << 20, 'server.upload_limit'],
    ['whole, for the signature', '/aws/model/m/invoke-other', 4 << 20, 'server.body_limit'],
    ['whole, to be metered', '/openai/v1/chat/completions', 4 << 20, 'server.body_limit'],
  ])('that sends more than is taken is told so, announced or not: %s', async (_how, path, bytes, limit) => {
    const before = upstream.received.length
    const announced = await sent(`POST ${path}`, `content-length: ${bytes}\r\n`)
    expect(announced).toMatchObject({ status: 413, fault: 'body_too_large' })
    const chunk = `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n0\r\n\r\n`
    const unannounced = await sent(`POST ${path}`, 'transfer-encoding: chunked\r\n', chunk)
    expect(unannounced).toMatchObject({ status: 413, fault: 'body_too_large' })
    for (const { text } of [announced, unannounced]) expect(text).toContain(limit)
    expect(upstream.received.length).toBe(before)
  })

  it('that sends more than would be held is let through where nothing is held', async () => {
    const bytes = 4 << 20
    const passed = await sent('POST /openai/v1/files', `content-length: ${bytes}\r\n`, 'x'.repeat(bytes))
    expect(passed.status).toBe(200)
    expect(upstream.received.at(-1)?.body.length).toBe(bytes)
  })

  it('that reads slowly makes the provider wait', async () => {
    const server = createServer()
    const port = await listen(server)
    await using other = await startGateway(
      `providers: { openai: { base_url: "http://127.0.0.1:${port}/v1", credentials: k, pass_through: { enabled: true } } }`,
    )
    const client = connect({ host: '127.0.0.1', port: Number(new URL(other.url).port) })
    client.write(`GET /openai/v1/files/x/content HTTP/1.1\r\nhost: gate\r\n${key}\r\n`)
    const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
    const total = 64 << 20
    response.writeHead(200, { 'content-length': String(total) })
    const piece = Buffer.alloc(1 << 20, 'x')
    let given = 0
    let turns = 0
    // Until the sockets are full and stay so.
    while (given < total && turns < 200) {
      turns += 1
      if (response.writableNeedDrain) await new Promise(setImmediate)
      else {
        response.write(piece)
        given += piece.length
        turns = 0
      }
    }
    expect(given).toBeLessThan(total / 2)
    let read = 0
    const all = new Promise<void>((resolve) => {
      client.on('data', (chunk: Buffer) => {
        read += chunk.length
        if (read >= total) resolve()
      })
    })
    while (given < total) {
      if (response.writableNeedDrain) await once(response, 'drain')
      response.write(piece)
      given += piece.length
    }
    response.end()
    await all
    client.destroy()
    await closed(server)
  })
})

describe('a provider', () => {
  it('that breaks off its answer leaves the client with half of one that looks like it', async () => {
    for (const headers of [{}, { 'content-length': '100' }]) {
      upstream.next((response) => {
        response.writeHead(200, headers)
        response.write('half', () => setImmediate(() => response.destroy()))
      })
      const response = await fetch(`${gateway.url}/openai/v1/files/x`, { headers: { 'x-api-key': clientKey } })
      await expect(response.text()).rejects.toThrow()
      expect(await lastRecord()).toMatchObject({ status: 200, outcome: 'cut', fault: 'provider_cut' })
    }
  })

  it('that cuts a stream of chat is charged for what came', async () => {
    upstream.next((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const chunk = (delta: object): string =>
        `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta }] })}\n\n`
      const text = chunk({ role: 'assistant', content: '' }) + chunk({ content: 'word '.repeat(40) })
      response.write(text, () => setImmediate(() => response.destroy()))
    })
    const response = await fetch(`${gateway.url}/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { 'x-api-key': clientKey },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }], stream: true }),
    })
    await expect(response.text()).rejects.toThrow()
    const record = await lastRecord()
    expect(record).toMatchObject({ outcome: 'cut', usage: { estimated: true } })
    expect(record.usage?.output.total).toBeGreaterThan(20)
    expect(record.cost).toBeGreaterThan(0)
  })

  it('whose signature covers the body has it whole, and is asked for nothing larger than fits', async () => {
    const arrived = upstream.arrival()
    const { status } = await sent(
      'PUT /aws/guardrail/g1?x=1',
      `content-type: application/octet-stream\r\nx-amz-date: 19990101T000000Z\r\ncontent-length: ${2 << 20}\r\n`,
      'x'.repeat(2 << 20),
    )
    expect(status).toBe(200)
    const received = await arrived
    expect([received.path, received.body.length]).toEqual(['/guardrail/g1?x=1', 2 << 20])
    expect(received.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\//)
    expect(received.headers['x-amz-date']).not.toBe('19990101T000000Z')
    expect((await sent('PUT /aws/guardrail/g1', `content-length: ${4 << 20}\r\n`)).status).toBe(413)
  })

  it('inside the process can be passed to as well', async () => {
    const models = await sent('GET /sim/v1/models')
    expect([models.status, JSON.parse(models.text)]).toMatchObject([200, { object: 'list' }])
    const body = JSON.stringify({ model: 'text', messages: [{ role: 'user', content: 'x' }] })
    expect((await sent('POST /sim/v1/chat/completions', `content-length: ${body.length}\r\n`, body)).status).toBe(200)
    expect(await lastRecord()).toMatchObject({ operation: 'pass', deployment: 'sim/text', cost: 0 })
  })
})

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
