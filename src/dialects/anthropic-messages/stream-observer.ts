/**
 * Watches a stream that passes through untouched. Only its first event, which has the input's usage, and its last bytes, which have
 * everything else, are kept; they are read when the facts are asked for.
 */
import { asBuffer } from '../../bytes/as-buffer.ts'
import { ByteTail } from '../../bytes/byte-tail.ts'
import { SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import type { StreamFacts, StreamObserver } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { decodeError } from './faults.ts'
import { decodeFinish } from './finish.ts'
import { parseEvent } from './stream-decoder.ts'
import { decodeUsage, mergeUsage } from './usage.ts'

/** The end of a message takes about a thousand bytes, an error less; the rest is for what may stand between. */
const tailBytes = 8 * 1024
/** A first event longer than this is none. */
const longestHead = 32 * 1024
/** Characters of text in a token, about; what languages and code have in common. */
const charactersPerToken = 4

const closing = formatSseEvent({ event: 'message_stop', data: '{"type":"message_stop"}' })

class MessagesObserver implements StreamObserver {
  readonly #tail = new ByteTail(tailBytes)
  #head: Uint8Array[] = []
  #headLength = 0
  #headComplete = false
  #passed = 0

  push(chunk: Uint8Array): Uint8Array {
    if (!this.#headComplete) this.#growHead(chunk)
    this.#passed += chunk.length
    this.#tail.push(chunk)
    return chunk
  }

  #growHead(chunk: Uint8Array): void {
    this.#head.push(Uint8Array.from(chunk.subarray(0, longestHead - this.#headLength)))
    this.#headLength += chunk.length
    if (!chunk.includes(LF) && !chunk.includes(CR) && this.#headLength < longestHead) return
    // Comments and pings may come first.
    const head = Buffer.concat(this.#head)
    const start = head.indexOf('message_start')
    this.#headComplete = this.#headLength >= longestHead || (start >= 0 && hasBlankLine(head, start))
  }

  facts(): StreamFacts {
    const tail = this.#tail.bytes()
    const whole = this.#passed <= tail.length
    const found = new Findings()
    if (!whole) found.take(eventsIn(Buffer.concat(this.#head)).filter((event) => event['type'] === 'message_start'))
    const end = whole ? tail : afterBlankLine(tail)
    found.take(eventsIn(end))
    const { id, model, finish, fault } = found
    const usage = decodeUsage(found.usage)
    const complete = fault === undefined && (found.stopped || finish !== undefined)
    return {
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model }),
      ...(usage !== undefined && { usage }),
      ...(finish !== undefined && { finish }),
      ...(fault !== undefined && { fault }),
      complete,
      ...(complete && !found.stopped && { closing }),
      atBoundary: this.#passed === 0 || endsBlank(tail),
      // There is nothing to guess where the provider has told it.
      estimatedOutput:
        complete && usage !== undefined
          ? usage.output.total
          : model === undefined
            ? 0
            : estimate(end, tail.length, this.#passed),
    }
  }
}

class Findings {
  id: string | undefined
  model: string | undefined
  usage: JsonObject | undefined
  finish: Finish | undefined
  fault: Fault | undefined
  stopped = false

  take(events: readonly JsonObject[]): void {
    for (const event of events) {
      if (this.stopped || this.fault !== undefined) return
      this.#one(event)
    }
  }

  #one(event: JsonObject): void {
    const { type, message, delta, usage } = event
    if (type === 'message_start' && isJsonObject(message)) {
      if (typeof message['id'] === 'string') this.id = message['id']
      if (typeof message['model'] === 'string') this.model = message['model']
      if (isJsonObject(message['usage'])) this.usage = mergeUsage(this.usage, message['usage'])
    } else if (type === 'message_delta') {
      if (isJsonObject(usage)) this.usage = mergeUsage(this.usage, usage)
      if (isJsonObject(delta)) this.finish ??= decodeFinish(delta)
    } else if (type === 'message_stop') this.stopped = true
    else if (type === 'error') this.fault = decodeError(event)
  }
}

/** What marks a delta in JSON text; within a string its quotes would be escaped. */
const deltaMark = '"content_block_delta"'

function eventIn(event: SseEvent): JsonObject | undefined {
  try {
    return parseEvent(event)
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

/** Complete events but those that are not of the protocol, which are the client's to judge; deltas, which are nearly all of them, only where they are asked for. */
function eventsIn(bytes: Uint8Array, deltas = false): JsonObject[] {
  const events: JsonObject[] = []
  try {
    for (const event of new SseReader().push(bytes)) {
      if (event.data === '' || deltas !== event.data.includes(deltaMark)) continue
      const parsed = eventIn(event)
      if (parsed !== undefined) events.push(parsed)
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
  }
  return events
}

const LF = 0x0a
const CR = 0x0d

/** Where a blank line ends after `from`, or -1. Lines may end in LF, CR LF or CR. */
function blankLineEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] !== LF && bytes[at] !== CR) continue
    const next = bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : at + 1
    if (bytes[next] === LF) return next + 1
    if (bytes[next] === CR) return bytes[next + 1] === LF ? next + 2 : next + 1
    at = next - 1
  }
  return -1
}

function hasBlankLine(bytes: Uint8Array, from: number): boolean {
  return blankLineEnd(bytes, from) >= 0
}

/** What follows the first event boundary of bytes that begin anywhere. */
function afterBlankLine(bytes: Uint8Array): Uint8Array {
  const end = blankLineEnd(bytes, 0)
  return end < 0 ? new Uint8Array(0) : bytes.subarray(end)
}

function endsBlank(bytes: Uint8Array): boolean {
  const text = asBuffer(bytes).toString('latin1', Math.max(0, bytes.length - 4))
  return /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)$/.test(text)
}

/**
 * Output tokens, guessed: the share of text in the last bytes, taken for that of all that passed. Where most of those last bytes are of one
 * event, that is text, too.
 */
function estimate(sample: Uint8Array, kept: number, passed: number): number {
  const ofOne = kept - sample.length
  if (ofOne > kept / 2) return Math.ceil(passed / charactersPerToken)
  let characters = 0
  for (const { delta } of eventsIn(sample, true)) {
    if (!isJsonObject(delta)) continue
    for (const key of ['text', 'thinking', 'partial_json']) {
      characters += typeof delta[key] === 'string' ? delta[key].length : 0
    }
  }
  return sample.length === 0 ? 0 : Math.ceil((characters / charactersPerToken) * (passed / sample.length))
}

/** Usage is always told here, so that nothing ever has to be withheld. */
export function createObserver(): StreamObserver {
  return new MessagesObserver()
}
