/**
 * Watches a stream of one of OpenAI's protocols with `choices` that passes through: keeps its beginning and its end, counts lines, and parses only what it kept, when asked. A
 * push of an ordinary chunk costs a few native searches and copies nothing.
 */
import { parseJson } from '../../bytes/parse-json.ts'
import { asBuffer } from '../../bytes/as-buffer.ts'
import { ByteTail } from '../../bytes/byte-tail.ts'
import { SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import type { ObserveOptions, StreamFacts, StreamObserver } from '../dialect.ts'
import type { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { SafetyVerdict } from '../../model/safety.ts'
import type { Usage } from '../../model/usage.ts'
import { openaiErrorInEvent } from './openai-errors.ts'
import { choiceVerdict, promptVerdict } from './openai-filters.ts'
import type { OpenaiFinishCodec } from './openai-finish.ts'
import type { OpenaiUsageCodec } from './openai-usage.ts'
import { UsageFilter } from './openai-usage-filter.ts'

/** Enough for the first events, and for the last: finish, usage, an error. */
const headBytes = 8 * 1024
const tailBytes = 8 * 1024
/** What a token takes in the text of an event, about. */
const bytesPerToken = 4
const lineFeed = 0x0a
const carriageReturn = 0x0d

const closing = formatSseEvent({ data: '[DONE]' })

/** What tells the dialects apart that an observer can watch. */
export interface OpenaiStreamWords {
  readonly dialectId: string
  readonly finish: OpenaiFinishCodec
  readonly usage: OpenaiUsageCodec
  /** The member of a choice that holds what is said: `delta`. */
  readonly saying: string
}

export class OpenaiStreamObserver implements StreamObserver {
  readonly #words: OpenaiStreamWords
  readonly #filter: UsageFilter | undefined
  readonly #head: Uint8Array[] = []
  #headLength = 0
  readonly #tail = new ByteTail(tailBytes)
  #bytes = 0
  #lines = 0

  constructor(words: OpenaiStreamWords, { withholdUsage }: ObserveOptions) {
    this.#words = words
    this.#filter = withholdUsage ? new UsageFilter(words.saying) : undefined
  }

  push(chunk: Uint8Array): Uint8Array {
    if (this.#headLength < headBytes) {
      this.#head.push(chunk)
      this.#headLength += chunk.length
    }
    this.#tail.push(chunk)
    this.#bytes += chunk.length
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, at + 1)) this.#lines++
    return this.#filter === undefined ? chunk : this.#filter.push(chunk)
  }

  facts(): StreamFacts {
    const tail = asBuffer(this.#tail.bytes())
    const head = readHead(this.#head, this.#words)
    const seen = readTail(eventsOf(tail.subarray(tail.length < this.#bytes ? afterBlankLine(tail) : 0)), this.#words)
    const started = head.id !== undefined || seen.id !== undefined
    const id = head.id ?? seen.id
    const model = head.model ?? seen.model
    const safety = [...(head.verdict === undefined ? [] : [head.verdict]), ...seen.verdicts]
    const finished = [...seen.choices.values()]
    const ended = seen.done || (finished.length > 0 && finished.every((done) => done))
    const complete = started && ended && seen.fault === undefined
    return {
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model }),
      ...(seen.usage !== undefined && { usage: seen.usage }),
      ...(seen.finish !== undefined && { finish: seen.finish }),
      ...(safety.length > 0 && { safety }),
      ...(seen.fault !== undefined && { fault: seen.fault }),
      complete,
      ...(complete && !seen.done && { closing }),
      atBoundary: endsEvent(tail),
      estimatedOutput: this.#estimate(head.eventBytes),
    }
  }

  /**
   * Services write a token or a few into each event. An event has two line ends; what it has beyond the bytes of the first one,
   * which carries no text, is text of about four bytes a token. The larger of both counts is the guess.
   */
  #estimate(envelope: number): number {
    const events = this.#lines >> 1
    if (events === 0 || envelope === 0) return 0
    const text = Math.max(0, this.#bytes - events * envelope)
    return Math.max(events - 1, Math.round(text / bytesPerToken))
  }
}

function endsEvent(bytes: Buffer): boolean {
  if (bytes.length === 0) return true
  const text = bytes.toString('latin1', Math.max(0, bytes.length - 4)).replaceAll(/\r\n?/g, '\n')
  return text.endsWith('\n\n')
}

/** Where the first whole event of a tail begins, which was cut anywhere. */
function afterBlankLine(bytes: Buffer): number {
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    const next = bytes[at + 1] === carriageReturn ? at + 2 : at + 1
    if (bytes[next] === lineFeed) return next + 1
  }
  return bytes.length
}

function eventsOf(bytes: Uint8Array): SseEvent[] {
  const reader = new SseReader()
  try {
    return [...reader.push(bytes), ...reader.end()]
  } catch {
    return []
  }
}

/** One after the other, because of a beginning the first is usually all that is asked for. */
function* eventsIn(chunks: readonly Uint8Array[]): Generator<SseEvent> {
  const reader = new SseReader()
  try {
    for (const chunk of chunks) yield* reader.push(chunk)
    yield* reader.end()
  } catch {
    // What is too long for an event begins no answer.
  }
}

interface HeadFacts {
  /** Of the prompt, which Azure tells before the answer. */
  readonly verdict?: SafetyVerdict
  readonly id?: string
  readonly model?: string
  /** Size of the first event of the answer, its line ends included. */
  readonly eventBytes: number
}

/** The first chunk that starts the answer, as the decoder finds it. */
function readHead(chunks: readonly Uint8Array[], { dialectId }: OpenaiStreamWords): HeadFacts {
  let verdict: SafetyVerdict | undefined
  for (const { event, data } of eventsIn(chunks)) {
    // What keeps a connection alive.
    if (data === '') continue
    const json = parse(data)
    if (json === undefined || openaiErrorInEvent(event, json) !== undefined) break
    const { id, model, choices, usage } = json
    verdict ??= promptVerdict(json, dialectId)
    const empty = !Array.isArray(choices) || choices.length === 0
    if (empty && (typeof id !== 'string' || id === '') && usage === undefined) continue
    return {
      id: typeof id === 'string' ? id : '',
      model: typeof model === 'string' ? model : '',
      eventBytes: Buffer.byteLength(data) + 'data: \n\n'.length,
      ...(verdict !== undefined && { verdict }),
    }
  }
  return { eventBytes: 0 }
}

function parse(data: string): JsonObject | undefined {
  try {
    const json: unknown = parseJson(data)
    return isJsonObject(json) ? json : undefined
  } catch {
    return undefined
  }
}

interface TailFacts {
  id?: string
  model?: string
  usage?: Usage
  /** Of the first choice that told one. */
  finish?: Finish
  fault?: Fault
  done: boolean
  readonly verdicts: SafetyVerdict[]
  /** Choices met, and whether each has told its end. */
  readonly choices: Map<number, boolean>
}

/** Events that say nothing but text are not worth a parse. */
const telling = /"usage"\s*:\s*\{|"finish_reason"\s*:\s*"|"error"|"index"\s*:\s*[1-9]/

function readTail(events: readonly SseEvent[], words: OpenaiStreamWords): TailFacts {
  const facts: TailFacts = { done: false, verdicts: [], choices: new Map() }
  for (const { event, data } of events) {
    if (data.trim() === '[DONE]') {
      facts.done = true
      break
    }
    if (event === undefined && !telling.test(data)) continue
    const json = parse(data)
    if (json === undefined) continue
    const fault = openaiErrorInEvent(event, json)
    if (fault !== undefined) {
      facts.fault = fault
      break
    }
    readChunk(json, words, facts)
  }
  return facts
}

function readChunk(json: JsonObject, words: OpenaiStreamWords, facts: TailFacts): void {
  const { id, model, choices } = json
  if (typeof id === 'string') facts.id ??= id
  if (typeof model === 'string') facts.model ??= model
  const usage = words.usage.ofChunk(json)
  if (usage !== undefined) facts.usage = usage
  for (const [position, choice] of (Array.isArray(choices) ? choices : []).entries()) {
    if (!isJsonObject(choice)) continue
    const { index, finish_reason: word } = choice
    const at = typeof index === 'number' ? index : position
    const ended = typeof word === 'string' && word !== ''
    if (ended && facts.choices.get(at) !== true) {
      facts.finish ??= words.finish.decode(word)
      const verdict = choiceVerdict(choice, at, words.dialectId)
      if (verdict !== undefined) facts.verdicts.push(verdict)
    }
    facts.choices.set(at, ended || facts.choices.get(at) === true)
  }
}
