/**
 * Watches a stream whose events name their type in their data, for dialects whose streams are only ever passed on: the one that ends
 * it, with its usage, and errors.
 */
import { SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import { parseJson } from '../../bytes/parse-json.ts'
import type { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Usage } from '../../model/usage.ts'
import type { StreamFacts, StreamObserver } from '../dialect.ts'
import { openaiErrorInEvent } from './openai-errors.ts'

export interface WatchedEvents {
  /** The type of the last event. */
  readonly done: string
  /** `count`: how many such events there have been, this one included. */
  usageOf(done: JsonObject, count: number): Usage | undefined
  /** A type whose `delta` is text, by whose length the output of a stream that broke off is guessed. */
  readonly text?: string
  /** The most bytes of one event. */
  readonly longestEvent?: number
}

/** Characters of ordinary text to a token, for estimates alone. */
const charactersPerToken = 4

export class EventWatch implements StreamObserver {
  readonly #reader: SseReader
  readonly #watched: WatchedEvents
  #usage: Usage | undefined
  #fault: Fault | undefined
  #complete = false
  #ends = 0
  #characters = 0

  constructor(watched: WatchedEvents) {
    this.#watched = watched
    const { longestEvent } = watched
    this.#reader = new SseReader(longestEvent === undefined ? {} : { maxLineBytes: longestEvent })
  }

  push(chunk: Uint8Array): Uint8Array {
    for (const event of this.#reader.push(chunk)) this.#note(event)
    return chunk
  }

  facts(): StreamFacts {
    return {
      ...(this.#usage !== undefined && { usage: this.#usage }),
      ...(this.#fault !== undefined && { fault: this.#fault }),
      complete: this.#complete,
      atBoundary: this.#reader.atBoundary,
      estimatedOutput: Math.ceil(this.#characters / charactersPerToken),
    }
  }

  #note({ event, data }: SseEvent): void {
    const { done, text } = this.#watched
    // Events that carry media are long, and say nothing that matters here.
    const matters = event === 'error' || data.includes('"error"') || data.includes(done)
    if (!matters && (text === undefined || !data.includes(text))) return
    const json = objectIn(data)
    if (json === undefined) return
    this.#fault ??= openaiErrorInEvent(event, json)
    if (json['type'] === done) {
      this.#complete = true
      this.#ends += 1
      this.#usage = this.#watched.usageOf(json, this.#ends)
    } else if (text !== undefined && json['type'] === text && typeof json['delta'] === 'string') {
      this.#characters += json['delta'].length
    }
  }
}

function objectIn(data: string): JsonObject | undefined {
  try {
    const json = parseJson(data)
    return isJsonObject(json) ? json : undefined
  } catch {
    return undefined
  }
}
