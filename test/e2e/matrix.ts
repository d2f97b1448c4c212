/**
 * Runs a table of cases over the four ways, streamed and not, with streams cut everywhere. A case says once what clients send, what
 * the provider must have received, what it answers, and what every SDK must show of that.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampled } from '../../src/kernel/testing/depth.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { ExchangeRecord } from '../../src/model/record.ts'
import { cuts } from '../harness/cuts.ts'
import type { Cut } from '../harness/cuts.ts'
import { json, stream } from '../harness/upstream.ts'
import type { Received } from '../harness/upstream.ts'
import type { Shown } from './shown.ts'
import { askAnthropic, askOpenai, providerNames, secrets, setUp, streamAnthropic, streamOpenai, ways } from './way.ts'
import type { AnthropicAsk, Got, OpenaiAsk, Protocol, Setup, Way } from './way.ts'
import { anthropicModel, eventStream, message } from './wire/anthropic-wire.ts'
import type { AnthropicAnswer } from './wire/anthropic-wire.ts'
import { chunkStream, completion, openaiModel } from './wire/openai-wire.ts'
import type { OpenaiAnswer } from './wire/openai-wire.ts'

export interface Case {
  readonly name: string
  readonly asks: { readonly openai?: OpenaiAsk; readonly anthropic?: AnthropicAsk }
  /** The body for the other protocol's provider, without `model`, `stream` and `stream_options`. */
  readonly becomes: { readonly openai?: JsonObject; readonly anthropic?: JsonObject }
  /** What cannot be said to the other protocol's provider, by the asking client. */
  readonly lost?: { readonly openai?: readonly string[]; readonly anthropic?: readonly string[] }
  readonly answers: { readonly openai: OpenaiAnswer; readonly anthropic: AnthropicAnswer }
  /** What the answer has that the other protocol's client cannot be told, by the answering provider. */
  readonly answerLost?: { readonly openai?: readonly string[]; readonly anthropic?: readonly string[] }
  /** The same on every way, but where a protocol has no word for it. */
  readonly shows: Shown | ((way: Way) => Shown)
  /** The provider's model, where it matters. */
  readonly models?: Partial<Record<Protocol, string>>
  /** Rewrites the JSON of the answer on the wire: other spellings of the same. */
  readonly spelled?: (wire: string) => string
  /** Leaves out cuts that a long answer would make slow. */
  readonly cuts?: readonly Cut[]
}

const usualModels = { openai: 'gpt-5.1', anthropic: 'claude-sonnet-4-5' } as const
/** The version of the protocol that Anthropic's SDK asks for; it goes along where the protocol stays the same. */
const sdkVersion = '2026-10-21'
const paths = { openai: '/v1/chat/completions', anthropic: '/v1/messages' } as const

export function describeCases(cases: readonly Case[]): void {
  let setup: Setup
  const expected = new Map<string, { readonly way: Way; readonly one: Case; readonly streamed: boolean }>()
  beforeAll(async () => {
    setup = await setUp()
  })
  afterAll(() => setup[Symbol.asyncDispose]())

  describe.each(cases.map((one, row) => ({ one, row, name: one.name })))('$name', ({ one, row }) => {
    const asked = ways.filter(({ client }) => one.asks[client] !== undefined)
    it.each(asked)('from the $client SDK to a provider that speaks $upstream', async (way) => {
      const got = await send(setup, one, way)
      check(setup, one, way, got, false)
      expected.set(got.response.headers.get('x-request-id') ?? '', { way, one, streamed: false })
    })
    it.each(asked)('from the $client SDK to $upstream, streamed, however the stream is cut', async (way) => {
      // One cut on each way shows a case in all of them.
      for (const cut of sampled(one.cuts ?? cuts, 4, row + ways.indexOf(way))) {
        const got = await send(setup, one, way, cut)
        check(setup, one, way, got, true)
        expected.set(got.response.headers.get('x-request-id') ?? '', { way, one, streamed: true })
      }
    })
  })

  it('keeps one record of each, with the same usage and finish as the client saw', async () => {
    const records = new Map((await setup.gateway.records()).map((record) => [record.requestId, record]))
    expect(records.size).toBe(expected.size)
    for (const [id, { way, one, streamed }] of expected) checkRecord(records.get(id), one, way, streamed)
  })
}

const modelOf = (one: Case, protocol: Protocol): string => one.models?.[protocol] ?? usualModels[protocol]

function send(setup: Setup, one: Case, way: Way, cut?: Cut): Promise<Got> {
  const { openai: completed, anthropic: said } = one.answers
  const spelled = one.spelled ?? ((wire: string): string => wire)
  const upstream = setup.upstreams[way.upstream]
  if (cut === undefined)
    upstream.answer(json(spelled(JSON.stringify(way.upstream === 'openai' ? completion(completed) : message(said)))))
  else
    upstream.answer(stream(cut.apply(spelled(way.upstream === 'openai' ? chunkStream(completed) : eventStream(said)))))
  const model = `${providerNames[way.upstream]}/${modelOf(one, way.upstream)}`
  if (way.client === 'openai') {
    const ask = one.asks.openai ?? { messages: [] }
    return cut === undefined ? askOpenai(setup.openai, model, ask) : streamOpenai(setup.openai, model, ask)
  }
  const ask = one.asks.anthropic ?? { messages: [], max_tokens: 1 }
  return cut === undefined ? askAnthropic(setup.anthropic, model, ask) : streamAnthropic(setup.anthropic, model, ask)
}

function check(setup: Setup, one: Case, way: Way, got: Got, streamed: boolean): void {
  const received = setup.upstreams[way.upstream].received.at(-1)
  if (received === undefined) throw new Error('the provider received nothing')
  checkReceived(received, one, way, streamed)
  expect(got.shown).toEqual(shownOn(one, way))
  expect(got.model).toBe(way.upstream === 'openai' ? openaiModel : anthropicModel)
  checkTime(got, way)
  const { headers } = got.response
  expect(headers.get('x-sluicegate-provider')).toBe(providerNames[way.upstream])
  expect(headers.get('x-sluicegate-model')).toBe(modelOf(one, way.upstream))
  expect(headers.get('x-sluicegate-attempts')).toBe('1')
  expect((headers.get('x-sluicegate-lost') ?? '').split(', ').filter(Boolean).sort()).toEqual(
    [...lostOn(one, way), ...(streamed ? [] : answerLostOn(one, way))].sort(),
  )
}

/** The provider's own time, or the gateway's where the provider's protocol tells none. */
function checkTime({ created }: Got, { client, upstream }: Way): void {
  if (client === 'anthropic') return
  if (upstream === 'openai') expect(created).toBe(1_770_000_000)
  else expect(Math.abs((created ?? 0) * 1000 - Date.now())).toBeLessThan(60_000)
}

export const shownOn = ({ shows }: Case, way: Way): Shown => (typeof shows === 'function' ? shows(way) : shows)
const lostOn = (one: Case, way: Way): readonly string[] =>
  way.client === way.upstream ? [] : (one.lost?.[way.client] ?? [])
const answerLostOn = (one: Case, way: Way): readonly string[] =>
  way.client === way.upstream
    ? []
    : [...(one.answerLost?.[way.upstream] ?? []), ...(way.upstream === 'openai' ? ['system_fingerprint'] : [])]

function checkReceived({ method, path, headers, body }: Received, one: Case, way: Way, streamed: boolean): void {
  expect(`${method} ${path}`).toBe(`POST ${paths[way.upstream]}`)
  const auth =
    way.upstream === 'openai'
      ? { authorization: `Bearer ${secrets.openai}` }
      : { 'x-api-key': secrets.anthropic, 'anthropic-version': way.client === 'anthropic' ? sdkVersion : '2023-06-01' }
  const { host: _, 'content-length': length, connection: __, ...rest } = headers
  // These and no others: nothing of the client's own headers goes along.
  expect(rest).toEqual({
    'content-type': 'application/json',
    accept: streamed ? 'text/event-stream' : 'application/json',
    'user-agent': 'sluicegate',
    ...auth,
  })
  expect(Number(length)).toBe(body.length)
  expect(JSON.parse(body.toString())).toEqual({
    ...bodyOn(one, way),
    model: modelOf(one, way.upstream),
    ...(streamed && { stream: true, ...(way.upstream === 'openai' && { stream_options: { include_usage: true } }) }),
  })
}

function bodyOn(one: Case, { client, upstream }: Way): JsonObject {
  if (client !== upstream) return one.becomes[upstream] ?? {}
  const { extra, ...ask }: { readonly extra?: JsonObject } = one.asks[client] ?? {}
  return { ...(JSON.parse(JSON.stringify(ask)) as JsonObject), ...extra }
}

function checkRecord(record: ExchangeRecord | undefined, one: Case, way: Way, streamed: boolean): void {
  const { usage } = shownOn(one, way)
  expect(record, `${one.name}: ${way.client} to ${way.upstream}`).toMatchObject({
    surface: `POST ${paths[way.client]}`,
    modelAsked: `${providerNames[way.upstream]}/${modelOf(one, way.upstream)}`,
    provider: providerNames[way.upstream],
    stream: streamed,
    status: 200,
    outcome: 'ok',
    keyName: 'test',
    usage: { input: { total: usage.input }, output: { total: usage.output } },
  })
  expect(record?.usage?.estimated).toBeUndefined()
  expect(new Set(record?.lost)).toEqual(new Set([...lostOn(one, way), ...answerLostOn(one, way)]))
}
