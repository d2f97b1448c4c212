/**
 * Watches the beginning of a stream that passes through: until something whole has come that says anything, an error can still be
 * kept from the client and another target tried.
 */
import { parseJson } from '../../bytes/parse-json.ts'
import { SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import { isJsonObject } from '../../model/json.ts'

/** `waiting`: nothing that says anything yet. `begun`, perhaps with what looks like an error. `malformed`: not of the protocol. */
export type Opening = 'waiting' | 'begun' | 'suspicious' | 'malformed'

export interface OpeningWatch {
  push(chunk: Uint8Array): Opening
  /** Whether the last event, which lacks its end, is whole all the same. */
  isWhole(rest: Uint8Array): boolean
}

export class EventsOpening implements OpeningWatch {
  readonly #reader = new SseReader()

  push(chunk: Uint8Array): Opening {
    let events: SseEvent[]
    try {
      events = this.#reader.push(chunk)
    } catch {
      return 'malformed'
    }
    // Some services keep a connection alive with events that say nothing.
    const first = events.find(({ data }) => data !== '')
    if (first === undefined) return 'waiting'
    if (!isObject(first.data)) return 'malformed'
    return events.some(({ event, data }) => event === 'error' || data.includes('"error"')) ? 'suspicious' : 'begun'
  }

  isWhole(rest: Uint8Array): boolean {
    const reader = new SseReader()
    const events = [...reader.push(rest), ...reader.end()]
    return events.every(({ data }) => !data.startsWith('{') || isObject(data))
  }
}

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

function isObject(text: string): boolean {
  try {
    return isJsonObject(parseJson(text))
  } catch {
    return false
  }
}
