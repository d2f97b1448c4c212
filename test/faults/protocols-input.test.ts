/**
 * Bad requests at every route: each is a 4xx in the shape of its protocol with a message that helps, whether the request would have
 * been passed through or translated. Members of wrong types may be beyond the gateway, but are never a defect of it.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKey } from '../../src/control/keys/create-key.ts'
import { serverSecret } from '../../src/control/keys/server-secret.ts'
import { sampled } from '../../src/kernel/testing/depth.ts'
import type { ChatResponse } from '../../src/model/chat.ts'
import { asFault } from '../../src/model/fault.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { openSqlite } from '../../src/stores/drivers/sqlite/open-sqlite.ts'
import { dialectAt, plays } from '../harness/codec-provider.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { clientSurfaces } from '../harness/surfaces.ts'
import type { ClientSurface } from '../harness/surfaces.ts'
import { startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'
import { withWrongTypes } from '../harness/wrong-types.ts'
import type { WrongType } from '../harness/wrong-types.ts'

let gateway: Gateway
let upstream: Upstream

const answer: ChatResponse = {
  id: 'answer_1',
  model: 'served-model',
  created: 1_760_000_000,
  choices: [{ index: 0, parts: [{ type: 'text', text: 'Fine.' }], finish: { reason: 'stop' } }],
  usage: { input: { total: 9 }, output: { total: 5 } },
}
/** Of operations that are no chat. */
const otherAnswers: readonly (readonly [path: RegExp, answer: JsonObject])[] = [
  [/count/, { input_tokens: 9, totalTokens: 9 }],
  [
    /\/compact$/,
    {
      id: 'resp_1',
      object: 'response.compaction',
      created_at: 1_760_000_000,
      output: [{ type: 'compaction', id: 'cmp_1', encrypted_content: 'sealed' }],
      usage: { input_tokens: 9, output_tokens: 5, total_tokens: 14 },
    },
  ],
]
/** A provider for each protocol, by the name of the dialect that it is to be asked in. */
const providers: Readonly<Record<string, string>> = {
  'openai-chat': 'use: openai-compatible, base_url: "{url}/v1"',
  'openai-responses': 'use: openai, base_url: "{url}/v1", credentials: sk-test, protocol: openai-responses',
  'openai-completions': 'use: openai-compatible, base_url: "{url}/v1", protocol: openai-completions',
  'anthropic-messages': 'use: anthropic, base_url: "{url}", credentials: sk-ant-test',
  gemini: 'use: gemini, base_url: "{url}", credentials: key-test, protocol: gemini',
  'bedrock-converse': 'use: bedrock, region: us-east-1, base_url: "{url}", credentials: key-test',
  'cohere-chat': 'use: cohere, base_url: "{url}", credentials: key-test',
  'ollama-chat': 'use: ollama, base_url: "{url}"',
  'ollama-generate': 'use: ollama, base_url: "{url}"',
}

beforeAll(async () => {
  upstream = await startUpstream()
  const play = plays(() => answer)
  upstream.answer(async (response, received) => {
    if (received.method === 'GET') return void response.writeHead(404).end()
    const other = otherAnswers.find(([path]) => path.test(received.path))?.[1]
    if (other !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(other))
      return
    }
    // As a service would that reads requests as strictly as the gateway does.
    const dialect = dialectAt(received.path)
    try {
      dialect.request.decode(JSON.parse(received.body.toString()), { model: 'served-model', stream: false })
    } catch (error) {
      const { status, json, headers } = dialect.fault.encode(asFault(error), 'req_up')
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json))
      return
    }
    await play(response, received)
  })
  const lines = Object.entries(providers).map(([id, line]) => `  p-${id}: { ${line.replace('{url}', upstream.url)} }\n`)
  gateway = await startGateway(`
providers:
${lines.join('')}
retries: { rounds: 0 }
server: { port: 0, body_limit: 1MiB }
limits: { messages: 50 }
media: { fetch: false }
keys:
  - { name: test, secret: ${clientKey}, models: ["*"] }
  - { name: old, secret: expired-key-0123456789, models: ["*"], expires: 2020-01-01T00:00:00Z }
  - { name: narrow, secret: narrow-key-0123456789, models: ["p-openai-chat/only"] }`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

interface Told {
  readonly status: number
  readonly fault: string | null
  readonly message: string | undefined
  readonly text: string
}

async function send(
  surface: ClientSurface,
  model: string,
  body: string | Uint8Array | undefined,
  headers: Readonly<Record<string, string>> = { authorization: `Bearer ${clientKey}` },
  method = 'POST',
): Promise<Told> {
  const response = await fetch(`${gateway.url}${surface.path(model)}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : Buffer.from(body) }),
  })
  const text = await response.text()
  const fault = response.headers.get('x-sluicegate-fault')
  return { status: response.status, fault, message: errorOf(surface, text), text: text.slice(0, 300) }
}

function errorOf(surface: ClientSurface, text: string): string | undefined {
  try {
    return surface.errorIn(JSON.parse(text))
  } catch {
    return undefined
  }
}

const modelFor = (dialect: string): string => `p-${dialect}/served-model`
const bodyOf = (surface: ClientSurface, request: JsonObject, model: string): string =>
  JSON.stringify(surface.addressed ? request : { ...request, model })

/** Where a request goes to be passed through, and where it has to be translated. */
function targetsOf({ dialect }: ClientSurface): string[] {
  const others = ['anthropic-messages', 'cohere-chat', 'bedrock-converse', 'gemini', 'ollama-chat', 'openai-chat']
  const speaksIt = new Set([dialect, ...(dialect.startsWith('ollama') ? ['ollama-chat', 'ollama-generate'] : [])])
  if (dialect === 'openai-chat') for (const one of ['gemini', 'ollama-chat']) speaksIt.add(one)
  return [dialect, ...others.filter((one) => !speaksIt.has(one))]
}

type Refusal = readonly [name: string, body: string | Uint8Array | undefined, fault: string, words: RegExp]

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`

function refusals(surface: ClientSurface): Refusal[] {
  const [request = {}] = surface.requests
  const good = bodyOf(surface, request, modelFor(surface.dialect))
  const without = (key: string): string => {
    const { [key]: _, ...rest } = JSON.parse(good) as JsonObject
    return JSON.stringify(rest)
  }
  const withRaw = (raw: string): string => good.replace(/\}$/, `,${raw}}`)
  const turn = JSON.stringify(Array.isArray(request[surface.turns]) ? (request[surface.turns] as unknown[])[0] : 'x')
  const many = good.replace(/\}$/, '').length
  const tooMany = `{${surface.addressed ? '' : `"model":"${modelFor(surface.dialect)}",`}"${surface.turns}":[${Array.from({ length: 51 }, () => turn).join(',')}]}`
  const badUtf8 = Buffer.concat([
    Buffer.from(good.slice(0, -1)),
    Buffer.from(',"x":"'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('"}'),
  ])
  return [
    ['no body', undefined, 'body_missing', /body/],
    ['an empty body', '', 'body_missing', /body/],
    ['no JSON', 'model=x', 'invalid_json', /line 1/],
    ['half an object', good.slice(0, many - 3), 'invalid_json', /line 1/],
    ['a list', '[]', 'invalid_json', /an array/],
    ['a string', '"x"', 'invalid_json', /a string/],
    ['null', 'null', 'invalid_json', /null/],
    ['3,000 levels', withRaw(`"x":${deep(3000)}`), 'nesting_too_deep', /\d/],
    ['3,000 levels of objects', withRaw(`"x":${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`), 'nesting_too_deep', /\d/],
    ['invalid UTF-8', badUtf8, 'invalid_encoding', /UTF-8/],
    ['a member twice', withRaw('"x":1,"x":2'), 'duplicate_member', /x/],
    ['the turns twice', withRaw(`"${surface.turns}":[]`), 'duplicate_member', new RegExp(surface.turns)],
    ['a body too large', withRaw(`"x":"${'x'.repeat(1 << 20)}"`), 'body_too_large', /body_limit/],
    ...(Array.isArray(request[surface.turns]) ? [['too many turns', tooMany, 'invalid_request', /50/] as const] : []),
    // To an Ollama server that means to load the model.
    ...(surface.dialect.startsWith('ollama')
      ? []
      : [['no turns', without(surface.turns), 'invalid_request', new RegExp(surface.turns)] as const]),
    ...(surface.addressed
      ? []
      : ([
          ['no model', without('model'), 'invalid_request', /model/],
          [
            'a model that is a number',
            bodyOf(surface, request, 'x').replace(/"model":"x"/, '"model":7'),
            'invalid_request',
            /model/,
          ],
          ['an empty model', bodyOf(surface, request, ''), 'invalid_request', /model/],
        ] as const)),
  ]
}

describe.each(clientSurfaces)('$name', (surface) => {
  const [request = {}] = surface.requests
  const model = modelFor(surface.dialect)

  it.each(refusals(surface))('%s', async (_name, body, fault, words) => {
    const told = await send(surface, model, body)
    expect(told).toMatchObject({ fault, message: expect.stringMatching(words) as unknown })
    expect(told.status).toBe(fault === 'body_too_large' ? 413 : 400)
  })

  it('an unknown model', async () => {
    for (const name of ['nobody/gpt-99', 'gpt-99', '__proto__', 'constructor/x']) {
      const told = await send(surface, name, bodyOf(surface, request, name))
      expect(told).toMatchObject({ status: 404, fault: 'model_not_found' })
      expect(told.message).toContain(name)
    }
  })

  it('a key that is missing, wrong, expired, or may not use the model', async () => {
    const body = bodyOf(surface, request, model)
    const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` })
    const goog = { 'x-goog-api-key': 'wrong-key-0123456789' }
    expect(await send(surface, model, body, {})).toMatchObject({ status: 401, fault: 'missing_key', message: /key/i })
    for (const headers of [bearer('wrong-key-0123456789'), goog, bearer('expired-key-0123456789')])
      expect(await send(surface, model, body, headers)).toMatchObject({ status: 401, fault: 'invalid_key' })
    expect(await send(surface, model, body, bearer('narrow-key-0123456789'))).toMatchObject({
      status: 403,
      fault: 'model_not_allowed',
    })
  })

  it('a key that was revoked', async () => {
    using stores = openSqlite(join(gateway.dir, 'data', 'sluicegate.db'))
    const secret = serverSecret(join(gateway.dir, 'data'), undefined)
    const made = createKey(stores.keys, secret, {
      name: `made-for-${surface.name}`,
      policy: { models: ['*'] },
      now: Date.now(),
    })
    stores.keys.revoke(made.key.id, Date.now())
    const told = await send(surface, model, bodyOf(surface, request, model), { authorization: `Bearer ${made.secret}` })
    expect(told).toMatchObject({ status: 401, fault: 'invalid_key' })
    expect(told.message).toContain('revoked')
  })

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s', async (method) => {
    const told = await send(surface, model, undefined, { authorization: `Bearer ${clientKey}` }, method)
    expect(told).toMatchObject({ status: 405, fault: 'method_not_allowed' })
    expect(told.message).toContain('POST')
  })

  it('good requests are answered, passed through as well as translated', async () => {
    const refused: string[] = []
    const [own = '', ...others] = targetsOf(surface)
    for (const [turn, one] of surface.requests.entries()) {
      // There is nothing here that it could refer to.
      if (JSON.stringify(one).includes('"item_reference"')) continue
      for (const target of [own, ...sampled(others, 3, turn)]) {
        const { status, text } = await send(surface, modelFor(target), bodyOf(surface, one, modelFor(target)))
        // Some say nothing that another protocol could say.
        if (status !== 200 && !/empty|at least one/.test(text))
          refused.push(`${target}: ${text} ${JSON.stringify(one).slice(0, 200)}`)
      }
    }
    expect(refused).toEqual([])
  })

  it('one member of a wrong type is answered or refused, with the name of the member', async () => {
    const targets = targetsOf(surface)
    const kinds = new Map<string, WrongType>()
    for (const one of surface.requests.flatMap((request) => withWrongTypes(request, 1, surface.name.length))) {
      const kind = one.name.replaceAll(/\[\d+\]/g, '[]')
      if (!kinds.has(kind) && !kind.startsWith('model:')) kinds.set(kind, one)
    }
    const wrong: string[] = []
    for (const [turn, { name, json }] of sampled([...kinds.values()], 4, surface.name.length).entries()) {
      // Passed through, most of it is nobody's business here.
      const to = (turn % 4 === 0 ? undefined : targets[turn % targets.length]) ?? surface.dialect
      const told = await send(surface, modelFor(to), bodyOf(surface, json, modelFor(to)))
      if (told.status === 200) continue
      const named = told.fault !== 'invalid_request' || told.message?.includes(rootOf(name)) === true
      if (told.status < 400 || told.status >= 500 || (told.message ?? '') === '' || !named)
        wrong.push(`${name} to ${to}: ${told.status} ${told.fault} ${told.text}`)
    }
    expect(wrong).toEqual([])
  })
})

const rootOf = (path: string): string => /^\w+/.exec(path)?.[0] ?? ''

it('nothing of it was a defect', () => {
  expect(gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([])
})
