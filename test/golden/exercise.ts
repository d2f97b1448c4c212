/** Runs one case through one dialect: every direction that the case has, encoded as the gateway would and decoded again. */
import { surfaceDialects } from '../../scripts/generate/surface-dialects.ts'
import type { ChatDialect, Chunk, EncodeContext } from '../../src/kernel/dialect.ts'
import type { ChatEvent } from '../../src/model/chat-event.ts'
import type { ChatRequest, ChatResponse } from '../../src/model/chat.ts'
import type { JsonValue } from '../../src/model/json.ts'
import type { Loss } from '../../src/model/loss.ts'
import type { GoldenCase } from './golden-case.ts'
import { streamOf } from './stream-of.ts'
import { modelFor } from './target-models.ts'

export function onlyChat(dialects: readonly { readonly operation: string }[]): ChatDialect[] {
  return dialects.filter((dialect): dialect is ChatDialect => dialect.operation === 'chat')
}

/** Protocols of one text each way have none. */
export const hasTools = ({ id, traits }: ChatDialect): boolean => traits?.tools !== 'none' && id !== 'ollama-generate'

/** Of a protocol of one text that no client speaks, only the requests come from here: its answers are its provider's own. */
export const asksOnly = (dialect: ChatDialect): boolean => !hasTools(dialect) && !surfaceDialects.includes(dialect.id)

/** A canonical value, its wire form, what was lost, and what the dialect reads from the wire. */
export interface Exercised<T> {
  readonly asked: T
  readonly json: JsonValue
  readonly lost: readonly Loss[]
  readonly read: T
}

export type Said<T> = WeakMap<GoldenCase, Map<ChatDialect, T>>

/** What one side says of a case is the same whoever asks. */
export function once<T>(said: Said<T>, golden: GoldenCase, dialect: ChatDialect, say: () => T): T {
  let byDialect = said.get(golden)
  if (byDialect === undefined) said.set(golden, (byDialect = new Map()))
  if (!byDialect.has(dialect)) byDialect.set(dialect, say())
  return byDialect.get(dialect) as T
}

const requests: Said<Exercised<ChatRequest> | undefined> = new WeakMap()
const answers: Said<Exercised<ChatResponse> | undefined> = new WeakMap()
const streams: Said<ExercisedStream | undefined> = new WeakMap()

export function exerciseRequest(golden: GoldenCase, dialect: ChatDialect): Exercised<ChatRequest> | undefined {
  return once(requests, golden, dialect, () => {
    const asked = golden.request(dialect.id)
    return asked && encodeRequest(asked, dialect)
  })
}

export function encodeRequest(
  asked: ChatRequest,
  dialect: ChatDialect,
  model: string = modelFor(dialect.id),
): Exercised<ChatRequest> {
  const { json, lost } = dialect.request.encode(asked, { model })
  const address = dialect.addressed === true ? { model, stream: asked.stream } : undefined
  return { asked, json, lost, read: dialect.request.decode(overWire(json), address) }
}

/** `client` is the request that the answer answers, as the dialect decoded it. */
export function encodeAnswer(
  asked: ChatResponse,
  dialect: ChatDialect,
  client: ChatRequest | undefined,
): Exercised<ChatResponse> {
  const { json, lost } = dialect.response.encode(asked, contextOf(asked, client))
  return { asked, json, lost, read: dialect.response.decode(overWire(json)) }
}

export function exerciseAnswer(golden: GoldenCase, dialect: ChatDialect): Exercised<ChatResponse> | undefined {
  return once(answers, golden, dialect, () => {
    const asked = golden.answer(dialect.id)
    return asked && encodeAnswer(asked, dialect, exerciseRequest(golden, dialect)?.read)
  })
}

export interface ExercisedStream {
  readonly bytes: Uint8Array
  readonly lost: readonly Loss[]
  readonly events: readonly ChatEvent[]
}

export function encodeStream(
  events: readonly ChatEvent[],
  asked: ChatResponse,
  dialect: ChatDialect,
  client: ChatRequest | undefined,
): ExercisedStream | undefined {
  const codec = dialect.stream
  if (codec === undefined) return undefined
  const encoder = codec.encoder({ ...contextOf(asked, client), streamUsage: true })
  const bytes = joined([...events.map((event) => encoder.push(event)), encoder.end()])
  return { bytes, lost: encoder.lost, events: decodeStream(dialect, [bytes]) }
}

export function exerciseStream(golden: GoldenCase, dialect: ChatDialect): ExercisedStream | undefined {
  return once(streams, golden, dialect, () => streamedBy(golden, dialect))
}

function streamedBy(golden: GoldenCase, dialect: ChatDialect): ExercisedStream | undefined {
  const asked = golden.answer(dialect.id)
  if (asked === undefined) return undefined
  const client = exerciseRequest(golden, dialect)?.read
  return encodeStream(
    golden.events(dialect.id) ?? streamOf(asked),
    asked,
    dialect,
    client && { ...client, stream: true },
  )
}

export function decodeStream(dialect: ChatDialect, chunks: Iterable<Uint8Array>): ChatEvent[] {
  const decoder = dialect.stream?.decoder()
  if (decoder === undefined) return []
  const events: ChatEvent[] = []
  for (const chunk of chunks) events.push(...decoder.push(chunk))
  return [...events, ...decoder.end()]
}

function contextOf(answer: ChatResponse, request: ChatRequest | undefined): EncodeContext {
  return { model: answer.model, answerId: 'gate_1', ...(request !== undefined && { request }) }
}

const joined = (chunks: readonly Chunk[]): Buffer =>
  Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)))

const overWire = (json: JsonValue): unknown => JSON.parse(JSON.stringify(json)) as unknown

export function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the case has no such direction')
  return value
}
