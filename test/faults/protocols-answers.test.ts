/**
 * Bad answers of providers of every protocol, as the official SDKs of every client protocol get to see them: either the answer, or an
 * error that the SDK raises as one of its own. What breaks before the client has anything is made good by another target; nothing is
 * after that; and there is one record of each.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampled, thorough } from '../../src/kernel/testing/depth.ts'
import type { FaultCode } from '../../src/model/fault.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { ExchangeRecord } from '../../src/model/record.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { providerWires } from '../harness/provider-wires.ts'
import { sdkClients } from '../harness/sdk-clients.ts'
import type { Heard, SdkClient } from '../harness/sdk-clients.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'
import type { Json, ProviderWire } from '../harness/wires/wire.ts'
import { withWrongTypes } from '../harness/wrong-types.ts'
import {
  bearable,
  completeCases,
  halfOf,
  pieces,
  stallCases,
  statusCases,
  streamCases,
  streaming,
  whole,
  wholeOf,
} from './bad-answers.ts'
import type { Case, Outcome } from './bad-answers.ts'

let gateway: Gateway
let configuration: string
let upstream: Upstream
let clients: SdkClient[]
/** What the bad target answers, and how often the good one was asked. */
let bad: Answer
let good = 0

const wireOf = (path: string, body: string): string => {
  const named = /"model": ?"([^"]*)"/.exec(body)?.[1] ?? decodeURIComponent(path)
  return /(good|bad)-[a-z-]+/.exec(named)?.[0] ?? ''
}

beforeAll(async () => {
  upstream = await startUpstream()
  upstream.answer(async (response, received) => {
    // Which models there are is nobody's business here.
    if (received.method === 'GET') return void response.writeHead(404).end()
    const model = wireOf(received.path, received.body.toString())
    if (model.startsWith('bad')) return bad(response, received)
    good += 1
    const wire = providerWires.find(({ dialect }) => model === `good-${dialect}`)
    const streamed = received.headers.accept === wire?.streamType
    if (wire === undefined) throw new Error(`nobody plays ${model}`)
    const answer = streamed ? streaming(wire, wholeOf(wire.frames(['All ', 'well.']))) : json(wire.answer('All well.'))
    await answer(response, received)
  })
  const named = (line: (wire: ProviderWire) => string): string => providerWires.map(line).join('')
  configuration = `
providers:
${named(({ dialect, provider }) => `  p-${dialect}: { ${provider.replace('{url}', upstream.url)} }\n`)}
${named(({ dialect, provider }) => `  h-${dialect}: { ${provider.replace('{url}', upstream.url)}, timeouts: { first_byte: 80ms, stall: 80ms } }\n`)}${named(({ dialect, provider }) => `  i-${dialect}: { ${provider.replace('{url}', upstream.url)}, timeouts: { stall: 80ms } }\n`)}
routers:
${named(({ dialect: id }) => `  r-${id}: { strategy: fallback, targets: [p-${id}/bad-${id}, p-${id}/good-${id}] }\n  s-${id}: { strategy: fallback, targets: [h-${id}/bad-${id}, p-${id}/good-${id}] }\n  t-${id}: { strategy: fallback, targets: [i-${id}/bad-${id}, p-${id}/good-${id}] }\n`)}
retries: { rounds: 0 }\ncircuit_breaker: { enabled: false }`
  gateway = await startGateway(configuration)
  clients = sdkClients({ url: gateway.url, key: clientKey })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

// --- asking

interface Asked {
  readonly name: string
  readonly model: string
  readonly expected: Record<string, unknown> | undefined
}
const asked: Asked[] = []

function recordFor(outcome: Outcome, attempts: number): Asked['expected'] {
  switch (outcome.kind) {
    case 'answer':
      return { outcome: 'ok', status: 200 }
    case 'bearable':
      return undefined
    case 'cut':
      return { outcome: 'cut', status: 200 }
    case 'fault':
      return attempts === 2 ? { outcome: 'ok', status: 200 } : { outcome: 'fault' }
  }
}

function checkHeard(heard: Heard, outcome: Outcome, name: string, verbatim: boolean): void {
  const { error, ...rest } = heard
  switch (outcome.kind) {
    case 'answer':
      expect({ name, error, ...rest }).toMatchObject({ name, error: undefined, ...outcome.shows })
      return
    case 'cut':
      expect({ name, ...heard }).toMatchObject({ name, text: outcome.text, error: { official: true } })
      expect(error?.message).not.toBe('')
      return
    case 'fault':
      expect({ name, ...heard }).toMatchObject({ name, text: '', error: { official: true } })
      expect(error?.status).toBeGreaterThanOrEqual(400)
      if (outcome.status !== undefined) expect(error?.status).toBe(outcome.status)
      return
    case 'bearable':
      // What passes through as it is may be beyond the SDK.
      if (error !== undefined && !verbatim) expect({ name, error }).toMatchObject({ name, error: { official: true } })
      expect({ name, status: error?.status }).not.toEqual({ name, status: 500 })
  }
}

const codesOf = (outcome: Outcome): readonly FaultCode[] =>
  outcome.kind === 'fault' || outcome.kind === 'cut' ? outcome.codes : []

/** How many cases so far a client must not see where there is another target. */
let failures = 0

async function run(wire: ProviderWire, client: SdkClient, one: Case, stream: boolean): Promise<void> {
  const verbatim = client.dialect === wire.dialect
  const outcome = verbatim ? (one.verbatim ?? one.outcome) : one.outcome
  bad = one.answer
  good = 0
  const tools = wire.callFrames !== undefined
  const { dialect } = wire
  const name = `${one.name}, ${stream ? 'streamed ' : ''}from ${dialect} to ${client.dialect}`
  const [provider, failover] = one.hasty === undefined ? ['p', 'r'] : one.hasty === 'before' ? ['h', 's'] : ['i', 't']
  const model = `${provider}-${dialect}/bad-${dialect}`
  const heard = await client.ask(model, stream, tools)
  const rested = codesOf(outcome).some((code) => resting.has(code))
  // What was learnt of the credential would lead the next request past the one that is to fail.
  if (rested) gateway.reload(configuration)
  asked.push({ name, model, expected: recordFor(outcome, 1) })
  codes.set(asked.length - 1, codesOf(outcome))
  checkHeard(heard, outcome, name, verbatim)
  if (outcome.kind === 'answer' || outcome.kind === 'bearable') return
  // Of each provider another third of the cases, which together have them all.
  failures += 1
  if (!thorough && failures % 3 !== 0) return
  const router = `${failover}-${dialect}`
  const again = await client.ask(router, stream, tools)
  if (rested) gateway.reload(configuration)
  const failsOver = outcome.kind === 'fault' && outcome.final !== true
  asked.push({
    name: `${name}, with another target`,
    model: router,
    expected: recordFor(outcome, failsOver ? 2 : 1),
  })
  expect({ name, good }).toEqual({ name, good: failsOver ? 1 : 0 })
  if (failsOver) checkHeard(again, { kind: 'answer', shows: { text: 'All well.' } }, name, verbatim)
  else checkHeard(again, outcome, name, verbatim)
}
/** Faults after which a credential is left alone for a while. */
const resting: ReadonlySet<FaultCode> = new Set([
  'provider_rate_limited',
  'provider_authentication',
  'provider_billing',
])
/** Faults that the record of a request may tell, by its place. */
const codes = new Map<number, readonly FaultCode[]>()

const asking = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const
const pairs = providerWires.flatMap((wire) =>
  [...new Set([...asking, wire.dialect])]
    .filter((client) => !wire.speaks.includes(client) && client !== 'bedrock-converse' && client !== 'cohere-chat')
    .map((client) => ({ wire, client, dialect: wire.dialect })),
)

describe.each(pairs)('a provider that speaks $dialect, asked in $client', ({ wire, client }) => {
  const sdk = (): SdkClient => {
    const found = clients.find(({ dialect }) => dialect === client)
    if (found === undefined) throw new Error(`there is no client of ${client}`)
    return found
  }
  const others = pairs.filter((pair) => pair.wire === wire && pair.client !== wire.dialect)
  const row = others.findIndex((pair) => pair.client === client)
  /** A provider's own protocol has all cases; of others each has every second one, or as few as have them all together. */
  const share = (cases: readonly Case[]): readonly Case[] =>
    row === -1
      ? sampled(cases, 2, providerWires.indexOf(wire))
      : cases.filter((_, index) => (index + row) % (thorough ? 2 : others.length) === 0)
  it.each(share(completeCases(wire)))('$name', async (one) => {
    await expect(run(wire, sdk(), one, false)).resolves.toBeUndefined()
  })
  it.each(share(streamCases(wire)))('$name, streamed', async (one) => {
    await expect(run(wire, sdk(), one, true)).resolves.toBeUndefined()
  })
  it.each(share(statusCases(wire)))('$name', async (one) => {
    await expect(run(wire, sdk(), one, false)).resolves.toBeUndefined()
    // Nothing of a stream has been seen by then: for the others it would be the same again.
    if (/400|429|503/.test(one.name)) await expect(run(wire, sdk(), one, true)).resolves.toBeUndefined()
  })
})

interface RawRoute {
  readonly route: string
  /** Dialects that are passed through at it. */
  readonly own: readonly string[]
  readonly path: (model: string) => string
  readonly body: (model: string) => Json
  /** All values of a streamed answer, which is whole JSON whatever came of it. */
  readonly values: (text: string) => Json[]
  readonly textOf: (value: Json) => string
}

const linesOf = (text: string): Json[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Json)

/** Streams that no SDK asks for, but other clients do. */
const rawRoutes: readonly RawRoute[] = [
  {
    route: 'streamGenerateContent as an array',
    own: [],
    path: (model) => `/v1beta/models/${model}:streamGenerateContent`,
    body: () => ({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }),
    values: (text) => JSON.parse(text) as Json[],
    textOf: ({ candidates }) =>
      (candidates as { content?: { parts?: { text?: string }[] } }[] | undefined)?.[0]?.content?.parts
        ?.map(({ text }) => text ?? '')
        .join('') ?? '',
  },
  {
    route: '/api/generate',
    own: ['ollama-chat'],
    path: () => '/api/generate',
    body: (model) => ({ model, prompt: 'Hi' }),
    values: linesOf,
    textOf: (value) => (value['response'] as string | undefined) ?? '',
  },
]

describe.each(rawRoutes)('$route', ({ own, path, body, values, textOf }) => {
  const ask = async (answer: Answer, model: string): Promise<{ status: number; text: string }> => {
    bad = answer
    const response = await fetch(`${gateway.url}${path(model)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body(model)),
    })
    return { status: response.status, text: await response.text() }
  }
  it.each(providerWires.filter(({ dialect }) => !own.includes(dialect)))('of $dialect', async (wire) => {
    const frames = wire.frames(pieces)
    const model = `p-${wire.dialect}/bad-${wire.dialect}`
    const told = (text: string): string => values(text).map(textOf).join('')
    const expected = { outcome: 'ok', status: 200 }
    asked.push({ name: 'whole', model, expected })
    expect(told((await ask(streaming(wire, wholeOf(frames)), model)).text)).toBe(whole)
    for (const broken of [halfOf(frames), [...halfOf(frames), wire.errorFrame], [...halfOf(frames), wire.notJson]]) {
      asked.push({ name: 'cut', model, expected: { outcome: 'cut', status: 200 } })
      const { status, text } = await ask(streaming(wire, broken), model)
      expect(status).toBe(200)
      expect(told(text)).toBe('Half of ')
      expect(values(text).at(-1)).toMatchObject({ error: expect.anything() as unknown })
    }
    asked.push({ name: 'an error', model, expected: { outcome: 'fault' } })
    const { status, text } = await ask(streaming(wire, [...frames.opening, wire.errorFrame]), model)
    expect(status).toBeGreaterThanOrEqual(500)
    expect(JSON.parse(text)).toMatchObject({ error: expect.anything() as unknown })
  })
})

describe.each(providerWires)('a provider that speaks $dialect and stalls', (wire) => {
  // It is the same for all; one of each will do.
  const own = pairs.filter((pair) => pair.wire === wire)
  const client = own[providerWires.indexOf(wire) % own.length]?.client
  it.each(stallCases(wire))('$name', async (one) => {
    const sdk = clients.find(({ dialect }) => dialect === client)
    if (sdk === undefined) throw new Error(`there is no client of ${client}`)
    await expect(run(wire, sdk, one, true)).resolves.toBeUndefined()
  })
})

describe.each(providerWires)('a provider that speaks $dialect and has one member of a wrong type', (wire) => {
  const call = { id: 'call_1', name: 'get_weather' }
  const clientsOf = pairs.filter((pair) => pair.wire === wire).map(({ client }) => client)
  const sdkAt = (turn: number): SdkClient => {
    const id = clientsOf[turn % clientsOf.length]
    const sdk = clients.find(({ dialect }) => dialect === id)
    if (sdk === undefined) throw new Error(`there is no client of ${id}`)
    return sdk
  }

  it('is never taken for a defect of the gateway', async () => {
    const answers = [wire.answer(whole), ...(wire.callAnswer === undefined ? [] : [wire.callAnswer(call)])]
    let turn = 0
    for (const answer of answers) {
      for (const { name, json: changed } of sampled(withWrongTypes(answer as JsonObject), 8)) {
        await expect(
          run(wire, sdkAt(turn++), { name, answer: json(changed), outcome: bearable }, false),
        ).resolves.toBeUndefined()
      }
    }
  })

  it('is never taken for a defect of the gateway, streamed', async () => {
    const streams = [wholeOf(wire.frames(pieces)), ...(wire.callFrames === undefined ? [] : [wire.callFrames(call)])]
    let turn = 0
    for (const frames of streams) {
      for (const [index, frame] of frames.entries()) {
        const read = wire.read(frame)
        if (read === undefined) continue
        for (const { name, json: changed } of sampled(withWrongTypes(read as JsonObject, 1, index), 16, index)) {
          const sent = frames.with(index, wire.frame(changed))
          const one = { name: `event ${index}: ${name}`, answer: streaming(wire, sent), outcome: bearable }
          await expect(run(wire, sdkAt(turn++), one, true)).resolves.toBeUndefined()
        }
      }
    }
  })
})

it('every request has one record, which tells what came of it', async () => {
  // Some SDKs have read enough before the last byte, and leave while the gateway still writes.
  await gateway.idle()
  const records: ExchangeRecord[] = await gateway.records()
  for (const [index, { name, model, expected }] of asked.entries()) {
    const record = records[index]
    expect({ name, ...record }).toMatchObject({ name, modelAsked: model, ...expected })
    const allowed = codes.get(index) ?? []
    if (allowed.length > 0)
      expect({ name, allowed, ok: allowed.includes(record?.fault as FaultCode), fault: record?.fault }).toMatchObject({
        ok: true,
      })
    expect(record?.fault).not.toBe('internal_error')
  }
  expect(records).toHaveLength(asked.length)
  expect(gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([])
})
