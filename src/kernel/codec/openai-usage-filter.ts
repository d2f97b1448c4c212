/**
 * Usage in streams of OpenAI's protocols comes when asked for. Here is the question, and the filter that takes the answer out of the
 * stream again where the gateway asked and the client did not. All other bytes go through as they are; what could still become that
 * chunk is held until it is clear, which is at most one event.
 */
import { parseJson } from '../../bytes/parse-json.ts'
import { asBuffer } from '../../bytes/as-buffer.ts'
import { SseReader } from '../../bytes/sse-reader.ts'
import type { Body } from '../body.ts'
import { isJsonObject } from '../../model/json.ts'

const nothing: Buffer = Buffer.alloc(0)
const usageMember = Buffer.from('"usage"')
const openBrace = 0x7b
const lineFeed = 0x0a
const carriageReturn = 0x0d
/** Beyond any usage chunk; small, because what is held is copied with every push. */
const longestHeld = 8 * 1024

/** The edit that makes a streaming request ask for usage, keeping its other stream options. */
export function askForUsage(body: Body<unknown>): Readonly<Record<string, string>> | undefined {
  const spans = body.spans()
  if (spans.json('stream') !== true) return undefined
  const options = spans.json('stream_options') ?? {}
  if (!isJsonObject(options) || options['include_usage'] === true) return undefined
  return { stream_options: JSON.stringify({ ...options, include_usage: true }) }
}

export class UsageFilter {
  readonly #saying: Buffer
  /** The beginning of an event that may be the one to withhold. */
  #held = nothing
  /** An event was let through before its end; these are the line ends it has so far, which may be half of its blank line. */
  #passed: Buffer | undefined

  /** `saying` is the member that a chunk has while the answer goes on: with it a chunk has choices, and is no usage chunk. */
  constructor(saying: string) {
    this.#saying = Buffer.from(JSON.stringify(saying))
  }

  push(chunk: Uint8Array): Uint8Array {
    let bytes = asBuffer(chunk)
    let start = 0
    if (this.#passed !== undefined) {
      const probe = Buffer.concat([this.#passed, bytes])
      const end = nextEvent(probe, 0)
      if (end === -1) {
        this.#passed = Buffer.from(probe.subarray(lineEnds(probe)))
        return chunk
      }
      start = end - this.#passed.length
      this.#passed = undefined
    } else if (this.#held.length > 0) bytes = Buffer.concat([this.#held, bytes])
    this.#held = nothing
    const end = lastEvent(bytes, start)
    const rest = bytes.subarray(end)
    const passes = rest.length > longestHeld || rest.includes(this.#saying) || isOther(rest)
    if (passes) this.#passed = Buffer.from(rest.subarray(lineEnds(rest)))
    else if (rest.length > 0) this.#held = Buffer.from(rest)
    const out = passes ? bytes : bytes.subarray(0, end)
    return hasUsage(bytes, start, end) ? this.#without(out, start, end) : out
  }

  /** `bytes` without the usage chunks among its whole events, which stand between `start` and `end`. */
  #without(bytes: Buffer, start: number, end: number): Uint8Array {
    const kept: Buffer[] = [bytes.subarray(0, start)]
    for (let at = start; at < end;) {
      const next = nextEvent(bytes, at)
      if (!isUsageChunk(bytes.subarray(at, next))) kept.push(bytes.subarray(at, next))
      at = next
    }
    kept.push(bytes.subarray(end))
    return Buffer.concat(kept)
  }
}

/** The offset after the first blank line from `from` on; -1 when there is none. */
function nextEvent(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(lineFeed, from); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    const next = bytes[at + 1] === carriageReturn ? at + 2 : at + 1
    if (bytes[next] === lineFeed) return next + 1
  }
  return -1
}

/** The offset after the last blank line; `from` when there is none. */
function lastEvent(bytes: Buffer, from: number): number {
  for (let at = bytes.lastIndexOf(lineFeed); at > from; at = at === 0 ? -1 : bytes.lastIndexOf(lineFeed, at - 1)) {
    const before = bytes[at - 1] === carriageReturn ? at - 2 : at - 1
    if (before >= from && bytes[before] === lineFeed) return at + 1
  }
  return from
}

/** Where the line ends begin that `bytes` end with: they may be half of a blank line. */
function lineEnds(bytes: Buffer): number {
  let at = bytes.length
  while (at > 0 && (bytes[at - 1] === lineFeed || bytes[at - 1] === carriageReturn)) at--
  return at
}

/** Whether some event tells more than `"usage":null`. */
function hasUsage(bytes: Buffer, start: number, end: number): boolean {
  for (let at = bytes.indexOf(usageMember, start); at !== -1 && at < end; at = bytes.indexOf(usageMember, at + 1)) {
    let value = at + usageMember.length
    while (value < end && (bytes[value] === 0x20 || bytes[value] === 0x3a)) value++
    if (bytes[value] === openBrace) return true
  }
  return false
}

/** Whether the beginning of an event shows that it carries no JSON object: a comment, `[DONE]`. */
function isOther(bytes: Buffer): boolean {
  if (bytes.length <= 8) return false
  const text = bytes.toString('latin1', 0, 16)
  return !/^data: *\{/.test(text)
}

function isUsageChunk(event: Uint8Array): boolean {
  try {
    const [first] = new SseReader().push(event)
    const json: unknown = parseJson(first?.data ?? '')
    if (!isJsonObject(json)) return false
    const { choices, usage } = json
    return isJsonObject(usage) && Array.isArray(choices) && choices.length === 0
  } catch {
    return false
  }
}
