/**
 * Watches the beginning of a stream that passes through: until something whole has come that says anything, an error can still be
 * kept from the client and another target tried.
 */
import { parseJson } from '../../bytes/parse-json.ts'
import { SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent, SseReaderOptions } from '../../bytes/sse-reader.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

/** `waiting`: nothing that says anything yet. `begun`, perhaps with what looks like an error. `malformed`: not of the protocol. */
export type Opening = 'waiting' | 'begun' | 'suspicious' | 'malformed'

export interface OpeningWatch {
  push(chunk: Uint8Array): Opening
  /** Whether the last event, which lacks its end, is whole all the same. */
  isWhole(rest: Uint8Array): boolean
}

const none: ReadonlySet<string> = new Set()

export class EventsOpening implements OpeningWatch {
  readonly #options: SseReaderOptions
  readonly #reader: SseReader
  readonly #preludes: ReadonlySet<string>

  /** Types of events that do not begin an answer. */
  constructor(preludes: ReadonlySet<string> = none, longestEvent?: number) {
    this.#options = longestEvent === undefined ? {} : { maxLineBytes: longestEvent }
    this.#reader = new SseReader(this.#options)
    this.#preludes = preludes
  }

  push(chunk: Uint8Array): Opening {
    let events: SseEvent[]
    try {
      events = this.#reader.push(chunk)
    } catch {
      return 'malformed'
    }
    for (const [index, event] of events.entries()) {
      const opening = this.#opens(event)
      if (opening === 'waiting') continue
      return opening === 'begun' && events.slice(index).some(looksLikeError) ? 'suspicious' : opening
    }
    return 'waiting'
  }

  #opens({ event, data }: SseEvent): Opening {
    // Some services keep a connection alive with events that say nothing.
    if (data === '') return 'waiting'
    const json = objectIn(data)
    if (json === undefined) return 'malformed'
    const type = event ?? json['type']
    return typeof type === 'string' && this.#preludes.has(type) ? 'waiting' : 'begun'
  }

  isWhole(rest: Uint8Array): boolean {
    const reader = new SseReader(this.#options)
    const events = [...reader.push(rest), ...reader.end()]
    return events.every(({ data }) => !data.startsWith('{') || isObject(data))
  }
}

const looksLikeError = ({ event, data }: SseEvent): boolean => event === 'error' || data.includes('"error"')

/** More than any first line has. */
const longestLine = 8 << 20

export class LinesOpening implements OpeningWatch {
  #text = Buffer.alloc(0)

  push(chunk: Uint8Array): Opening {
    this.#text = Buffer.concat([this.#text, chunk])
    const end = this.#text.indexOf('\n')
    if (end === -1) return this.#text.length > longestLine ? 'malformed' : 'waiting'
    const line = this.#text.toString('utf8', 0, end).trim()
    if (line === '') {
      const rest = this.#text.subarray(end + 1)
      this.#text = Buffer.alloc(0)
      return rest.length === 0 ? 'waiting' : this.push(rest)
    }
    if (!isObject(line)) return 'malformed'
    return line.includes('"error"') ? 'suspicious' : 'begun'
  }

  isWhole(rest: Uint8Array): boolean {
    return isObject(Buffer.from(rest).toString('utf8'))
  }
}

const isObject = (text: string): boolean => objectIn(text) !== undefined

function objectIn(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
