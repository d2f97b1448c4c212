/** Bodies that are wrong in every way that we know of: each a 4xx in the client's protocol that says what to change, and never a 500. */
import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settle } from '../../src/kernel/testing/fake-clock.ts'
import { protocols, ways } from '../harness/protocols.ts'
import type { Protocol, ToldError } from '../harness/protocols.ts'
import { rawClient } from '../harness/raw-http.ts'
import { json } from '../harness/upstream.ts'
import { authorized, openStage } from './stage.ts'
import type { Stage } from './stage.ts'

let stage: Stage
const bodyLimit = 2 << 20

beforeAll(async () => {
  stage = await openStage({ yaml: `server: { port: 0, body_limit: ${bodyLimit} }\nlimits: { messages: 10000 }` })
})

afterAll(() => stage[Symbol.asyncDispose]())

interface Refusal extends ToldError {
  readonly status: number
  readonly fault: string | null
}

async function refused(
  protocol: Protocol,
  body: string | Uint8Array | null,
  headers: Readonly<Record<string, string>> = {},
): Promise<Refusal> {
  const response = await fetch(`${stage.url}${protocol.path}`, {
    method: 'POST',
    headers: { ...authorized, ...headers },
    body: body === null ? null : Buffer.from(body),
  })
  const text = await response.text()
  const told = protocol.errorIn(JSON.parse(text))
  if (told === undefined) throw new Error(`${response.status} is no error of ${protocol.name}: ${text.slice(0, 300)}`)
  expect(text.length).toBeLessThan(4000)
  return { ...told, status: response.status, fault: response.headers.get('x-sluicegate-fault') }
}

const utf16 = (text: string): Uint8Array => Buffer.from(`\ufeff${text}`, 'utf16le')
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

describe.each(protocols.map((protocol) => [protocol.name, protocol] as const))('%s', (_name, protocol) => {
  const good = protocol.request('openai/x')
  const member = (name: string, value: unknown): string => protocol.request('openai/x', { [name]: value })
  /** With text in the place of a member's value. */
  const withRaw = (text: string): string => good.replace(/}$/, `,${text}}`)

  it.each<[string, string | Uint8Array | null, number, string, RegExp]>([
    ['no body', null, 400, 'body_missing', /body/],
    ['an empty body', '', 400, 'body_missing', /body/],
    ['only white space', ' \n\t ', 400, 'invalid_json', /line 2/],
    ['no JSON', 'model=gpt-4o', 400, 'invalid_json', /line 1, column 1/],
    ['half an object', good.slice(0, -1), 400, 'invalid_json', /line 1/],
    ['two objects', good + good, 400, 'invalid_json', /column/],
    ['a comma too many', good.replace(/}$/, ',}'), 400, 'invalid_json', /column/],
    ['a comment', `// hello\n${good}`, 400, 'invalid_json', /line 1/],
    ['single quotes', good.replaceAll('"', "'"), 400, 'invalid_json', /column/],
    ['NaN', withRaw('"x":NaN'), 400, 'invalid_json', /column/],
    ['a bare NUL', withRaw('"x":\0'), 400, 'invalid_json', /column/],
    ['a NUL in a string', withRaw('"x":"a\0b"'), 400, 'invalid_json', /column/],
    ['a line break in a string', withRaw('"x":"a\nb"'), 400, 'invalid_json', /line/],
    ['a bad escape', withRaw('"x":"\\q"'), 400, 'invalid_json', /column/],
    ['an array', '[]', 400, 'invalid_json', /an array/],
    ['a string', '"hello"', 400, 'invalid_json', /a string/],
    ['a number', '17', 400, 'invalid_json', /a number/],
    ['null', 'null', 400, 'invalid_json', /null/],
    ['true', 'true', 400, 'invalid_json', /boolean/],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from(good.slice(0, -2)), Buffer.from([0xff, 0x22, 0x7d])]),
      400,
      'invalid_encoding',
      /UTF-8/,
    ],
    [
      'invalid UTF-8 in a key',
      Buffer.concat([Buffer.from('{"'), Buffer.from([0xc3, 0x28]), Buffer.from(`":1,${good.slice(1)}`)]),
      400,
      'invalid_encoding',
      /UTF-8/,
    ],
    [
      'a lone surrogate in UTF-8',
      Buffer.concat([Buffer.from(good.slice(0, -2)), Buffer.from([0xed, 0xa0, 0x80, 0x22, 0x7d])]),
      400,
      'invalid_encoding',
      /UTF-8/,
    ],
    [
      'an overlong form',
      Buffer.concat([Buffer.from(good.slice(0, -2)), Buffer.from([0xc0, 0xaf, 0x22, 0x7d])]),
      400,
      'invalid_encoding',
      /UTF-8/,
    ],
    ['UTF-16', utf16(good), 400, 'invalid_encoding', /UTF-8/],
    ['UTF-16 without its mark', utf16(good).subarray(2), 400, 'invalid_json', /control character/],
    ['a byte order mark', `\ufeff${good}`, 400, 'invalid_json', /byte order mark/],
    ['gzip that nobody announced', gzipSync(good), 400, 'invalid_encoding', /UTF-8/],
    ['a nesting of 300 levels', withRaw(`"x":${nested(300)}`), 400, 'nesting_too_deep', /256/],
    ['a nesting of 100,000 levels', withRaw(`"x":${nested(100_000)}`), 400, 'nesting_too_deep', /256/],
    ['a nesting of 100,000 levels that is never closed', `{"x":${'['.repeat(100_000)}`, 400, 'nesting_too_deep', /256/],
    [
      'a nesting of 100,000 objects',
      withRaw(`"x":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
      400,
      'nesting_too_deep',
      /256/,
    ],
    ['the model twice', withRaw('"model":"other"'), 400, 'duplicate_member', /model/],
    ['the model twice, once in disguise', withRaw('"mod\\u0065l":"other"'), 400, 'duplicate_member', /model/],
    ['the messages twice', withRaw('"messages":[]'), 400, 'duplicate_member', /messages/],
    ['a member nobody knows twice', withRaw('"x":1,"x":1'), 400, 'duplicate_member', /x/],
    ['__proto__ twice', withRaw('"__proto__":1,"__proto__":1'), 400, 'duplicate_member', /__proto__/],
    ['no model', good.replace('"model":"openai/x",', ''), 400, 'invalid_request', /model/],
    ['an empty model', member('model', ''), 400, 'invalid_request', /model/],
    ['a model that is a number', member('model', 4), 400, 'invalid_request', /model/],
    ['a model that is null', member('model', null), 400, 'invalid_request', /model/],
    ['a model that is an object', member('model', { name: 'x' }), 400, 'invalid_request', /model/],
    ['no messages', good.replace(/"messages":\[[^]*\]/, '"x":1'), 400, 'invalid_request', /messages/],
    ['messages that are a string', member('messages', 'hello'), 400, 'invalid_request', /messages/],
    ['messages that are null', member('messages', null), 400, 'invalid_request', /messages/],
    ['messages that are an object', member('messages', {}), 400, 'invalid_request', /messages/],
    ['no message in messages', member('messages', []), 400, 'invalid_request', /messages/],
    ['a limit that is a string', member('max_tokens', '100'), 400, 'invalid_request', /max_tokens/],
    ['a limit below zero', member('max_tokens', -1), 400, 'invalid_request', /max_tokens/],
    ['half a token', member('max_tokens', 1.5), 400, 'invalid_request', /max_tokens/],
    ['stream: "yes"', member('stream', 'yes'), 400, 'invalid_request', /stream/],
    ['stream: 1', member('stream', 1), 400, 'invalid_request', /stream/],
    [
      '10,001 messages',
      member(
        'messages',
        Array.from({ length: 10_001 }, () => ({ role: 'user', content: '' })),
      ),
      400,
      'invalid_request',
      /10000/,
    ],
    [
      '200,000 empty messages',
      protocol.request('openai/x').replace(/"messages":\[[^]*\]/, `"messages":[${'{},'.repeat(199_999)}{}]`),
      400,
      'invalid_request',
      /10000|messages/,
    ],
    ['an unknown model', protocol.request('gpt-99'), 404, 'model_not_found', /gpt-99/],
    ['an unknown provider', protocol.request('nobody/gpt-4o'), 404, 'model_not_found', /nobody/],
    ['a model with a name of a megabyte', protocol.request('x'.repeat(1 << 20)), 404, 'model_not_found', /xxx…/],
    [
      'a model with a name of a megabyte behind a provider',
      protocol.request(`openai/${'x'.repeat(1 << 20)}`),
      404,
      'model_not_found',
      /xxx…/,
    ],
    [
      'a model with control characters',
      protocol.request('a\r\nx-injected: 1\0\u001b[31m'),
      404,
      'model_not_found',
      /model/,
    ],
    [
      'a model with half a character',
      protocol.request('x').replace('"x"', '"\\ud800"'),
      404,
      'model_not_found',
      /model/,
    ],
    ...[
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      '__proto__/x',
      'constructor/x',
      '/',
      'openai/',
      '/x',
    ].map(
      (name) =>
        [`a model named ${name}`, protocol.request(name), 404, 'model_not_found', /model/] as [
          string,
          string,
          number,
          string,
          RegExp,
        ],
    ),
  ])('%s', async (_case, body, status, fault, words) => {
    const refusal = await refused(protocol, body)
    expect(refusal).toMatchObject({ status, fault })
    expect(refusal.message).toMatch(words)
  })

  it('names the nearest models there are', async () => {
    await using own = await openStage({ yaml: 'aliases: { fast-one: openai/gpt-4o-mini, slow-one: openai/o3 }' })
    const response = await fetch(`${own.url}${protocol.path}`, {
      method: 'POST',
      headers: authorized,
      body: protocol.request('fats-one'),
    })
    expect(protocol.errorIn(await response.json())?.message).toContain('"fast-one"')
  })

  it.each([
    ['application/x-www-form-urlencoded', 'model=x&messages=y'],
    ['multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="model"\r\n\r\ngpt\r\n--x--'],
    ['  Multipart/Form-Data; boundary=x', '--x--'],
  ])('a form of %s is refused as one', async (contentType, body) => {
    const refusal = await refused(protocol, body, { 'content-type': contentType })
    expect(refusal).toMatchObject({ status: 415, fault: 'unsupported_media_type' })
    expect(refusal.message).toContain('application/json')
  })

  it.each(['gzip', 'br', 'deflate', 'zstd', 'GZIP', 'gzip, identity', 'rot13'])(
    'a body in %s is refused as that',
    async (encoding) => {
      const refusal = await refused(protocol, gzipSync(good), { 'content-encoding': encoding })
      expect(refusal).toMatchObject({ status: 400, fault: 'invalid_encoding' })
      expect(refusal.message).toContain(encoding)
    },
  )

  it.each(['identity', 'Identity', ''])('a body in the encoding %j is one as it is', async (encoding) => {
    const model = stage.script(json(protocol.answer('plain')))
    const response = await fetch(`${stage.url}${protocol.path}`, {
      method: 'POST',
      headers: { ...authorized, 'content-encoding': encoding },
      body: protocol.request(`${protocol.name}/${model}`),
    })
    expect(protocol.textOf(await response.text())).toBe('plain')
  })

  it.each(['application/json; charset=utf-8', 'text/plain', 'application/octet-stream', ''])(
    'JSON said to be %j is still read',
    async (contentType) => {
      const model = stage.script(json(protocol.answer('read')))
      const response = await fetch(`${stage.url}${protocol.path}`, {
        method: 'POST',
        headers: { ...authorized, 'content-type': contentType },
        body: Buffer.from(protocol.request(`${protocol.name}/${model}`)),
      })
      expect(protocol.textOf(await response.text())).toBe('read')
    },
  )

  it('10,000 messages are taken', async () => {
    const model = stage.script(json(protocol.answer('counted')))
    const messages = Array.from({ length: 10_000 }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: 'x',
    }))
    const response = await fetch(`${stage.url}${protocol.path}`, {
      method: 'POST',
      headers: authorized,
      body: protocol.request(`${protocol.name}/${model}`, { messages }),
    })
    expect(protocol.textOf(await response.text())).toBe('counted')
    expect((JSON.parse(String(stage.calls(model)[0]?.body)) as { messages: unknown[] }).messages).toHaveLength(10_000)
  })

  describe('a body over the limit', () => {
    const head = (framing: string): string =>
      `POST ${protocol.path} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorized.authorization}\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`
    const piece = 'x'.repeat(65_536)

    it.each([
      ['by its announced length', `content-length: ${bodyLimit * 50}`, (text: string) => text],
      ['by its chunks', 'transfer-encoding: chunked', (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`],
    ])('%s is refused while it is being sent, and the client hears of it', async (_case, framing, encode) => {
      await using client = await rawClient(stage.url)
      client.send(head(framing))
      const state = { answered: false }
      const response = client.response().finally(() => {
        state.answered = true
      })
      let sent = 0
      while (!state.answered && sent < bodyLimit * 10) {
        sent += piece.length
        await (client.socket.write(encode(piece)) ? settle() : Promise.race([response, once(client.socket, 'drain')]))
      }
      const { status, headers, body } = await response
      expect(status).toBe(413)
      expect(headers['x-sluicegate-fault']).toBe('body_too_large')
      expect(protocol.errorIn(JSON.parse(body.toString()))?.message).toContain('server.body_limit')
    })

    it('is read no longer than server.request_timeout, and answered once', async () => {
      await using own = await openStage({ yaml: 'server: { port: 0, body_limit: 1MiB, request_timeout: 100ms }' })
      await using client = await rawClient(own.url)
      client.send(head('content-length: 999999999'))
      const drip = setInterval(() => client.socket.write('x'), 10)
      await client.closed.finally(() => clearInterval(drip))
      expect(client.received.toString().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413'])
    })

    it('is refused in words to a client of fetch, too', async () => {
      expect(await refused(protocol, 'x'.repeat(bodyLimit + 1))).toMatchObject({ status: 413, fault: 'body_too_large' })
    })

    it('by nothing is taken', async () => {
      const model = stage.script(json(protocol.answer('fits')))
      const bare = protocol.request(`${protocol.name}/${model}`, { x: '' })
      const body = protocol.request(`${protocol.name}/${model}`, { x: 'x'.repeat(bodyLimit - bare.length) })
      expect(body).toHaveLength(bodyLimit)
      const response = await fetch(`${stage.url}${protocol.path}`, { method: 'POST', headers: authorized, body })
      expect(protocol.textOf(await response.text())).toBe('fits')
    })
  })
})

describe.each(ways.filter(([, { client, provider }]) => client !== provider))(
  '%s, where the request is translated',
  (_name, { client, at, provider }) => {
    const message = (value: unknown): Record<string, unknown> => ({ messages: [value] })
    const wrong: [string, Record<string, unknown>, RegExp][] = [
      ['temperature that is an object', { temperature: {} }, /temperature/],
      ['temperature that is a string', { temperature: 'hot' }, /temperature/],
      ['top_p that is a list', { top_p: [] }, /top_p/],
      ['tools that are no list', { tools: 'all of them' }, /tools/],
      ['a tool that is a string', { tools: ['search'] }, /tools/],
      [
        'a tool without a name',
        { tools: [client.name === 'openai' ? { type: 'function', function: {} } : { input_schema: {} }] },
        /tools/,
      ],
      ['a tool choice that is a number', { tool_choice: 5 }, /tool_choice/],
      ['a message that is a string', message('hello'), /messages/],
      ['a message that is null', message(null), /messages/],
      ['a message without a role', message({ content: 'x' }), /role/],
      ['a role that nobody has', message({ role: 'narrator', content: 'x' }), /role/],
      ['a role that is a number', message({ role: 1, content: 'x' }), /role/],
      ['content that is a number', message({ role: 'user', content: 5 }), /content/],
      ['content that is a list of strings', message({ role: 'user', content: ['x'] }), /content/],
      ['a block without a type', message({ role: 'user', content: [{ text: 'x' }] }), /type/],
      ['a text block without text', message({ role: 'user', content: [{ type: 'text' }] }), /text/],
      [
        'a text block whose text is an object',
        message({ role: 'user', content: [{ type: 'text', text: {} }] }),
        /text/,
      ],
      client.name === 'openai'
        ? ['stop that is an object', { stop: {} }, /stop/]
        : ['stop_sequences that are a string', { stop_sequences: 'END' }, /stop_sequences/],
      client.name === 'openai'
        ? ['an image without an address', message({ role: 'user', content: [{ type: 'image_url' }] }), /image_url/]
        : [
            'a tool result of no call',
            message({ role: 'user', content: [{ type: 'tool_result', content: 'x' }] }),
            /tool_use_id/,
          ],
      client.name === 'openai'
        ? ['a schema that is a string', { response_format: 'json' }, /response_format/]
        : ['a system prompt that is a number', { system: 7 }, /system/],
    ]

    it.each(wrong)('%s', async (_case, more, words) => {
      for (const stream of [false, true]) {
        const model = stage.script(json(provider.answer('x')))
        const refusal = await refused(client, client.request(`${at}/${model}`, { ...more, stream }))
        expect(refusal).toMatchObject({ status: 400, fault: 'invalid_request' })
        expect(refusal.message).toMatch(words)
        expect(stage.calls(model)).toHaveLength(0)
      }
    })

    it.each<[string, unknown]>([
      ['__proto__', JSON.parse('{"__proto__":{"polluted":true}}')],
      ['constructor', { constructor: { prototype: { polluted: true } } }],
    ])('a member named %s changes nothing but itself', async (_case, value) => {
      const model = stage.script(json(provider.answer('fine')))
      const body = client.request(`${at}/${model}`, {
        metadata: value,
        messages: [{ role: 'user', content: 'x', ...(value as object) }],
      })
      const response = await fetch(`${stage.url}${client.path}`, { method: 'POST', headers: authorized, body })
      expect(response.status).toBeLessThan(500)
      await response.text()
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    })
  },
)

it('records keep no megabyte of what a client made up', async () => {
  const [protocol] = protocols
  if (protocol === undefined) return
  const model = stage.script(json(protocol.answer('x')))
  const long = 'y'.repeat(1 << 20)
  const first = await fetch(`${stage.url}${protocol.path}`, {
    method: 'POST',
    headers: authorized,
    body: protocol.request(`${protocol.name}/${model}`, { user: long }),
  })
  const second = await fetch(`${stage.url}${protocol.path}`, {
    method: 'POST',
    headers: authorized,
    body: protocol.request(long),
  })
  await Promise.all([first.text(), second.text()])
  for (const response of [first, second]) {
    const record = await stage.recordOf(response.headers.get('x-request-id'))
    expect(JSON.stringify(record).length).toBeLessThan(4000)
  }
})
