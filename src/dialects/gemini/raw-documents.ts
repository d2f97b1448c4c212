/**
 * JSON that stands in an event stream without being an event. Google ends a stream that fails half-way with its error as plain JSON
 * over several lines, as its own SDKs expect (googleapis/js-genai src/_api_client.ts, googleapis/python-genai _api_client.py); no
 * line of it means anything to a reader of events.
 */
import { parsePreciseJson } from '../../bytes/precise-json.ts'

const lineFeed = 0x0a
const openBrace = 0x7b
const openBracket = 0x5b
const closeBrace = 0x7d
const closeBracket = 0x5d
/** No error is as long; what is longer is something else. */
const longest = 256 * 1024

export class RawDocuments {
  #lines: Uint8Array[] = []
  #length = 0
  #atLineStart = true
  /** A document has begun, and this line is of it. */
  #inside = false

  /** Takes bytes that end at a line's end or with the chunk; gives the document that they complete. */
  push(bytes: Uint8Array): unknown {
    const [first] = bytes
    if (first === undefined) return undefined
    if (this.#atLineStart) this.#inside = this.#begins(first, bytes)
    this.#atLineStart = bytes.at(-1) === lineFeed
    if (!this.#inside) return undefined
    // The chunk's memory is its owner's.
    this.#lines.push(Uint8Array.from(bytes))
    this.#length += bytes.length
    if (this.#length > longest) this.#forget()
    return this.#inside && ends(bytes) ? this.#parsed() : undefined
  }

  /** Whether a line belongs to a document: it opens one, or one is open that the line does not break off. */
  #begins(first: number, line: Uint8Array): boolean {
    if (this.#length === 0) return first === openBrace || first === openBracket
    if (!startsEvent(line)) return true
    this.#forget()
    return false
  }

  #parsed(): unknown {
    let value: unknown
    try {
      value = parsePreciseJson(Buffer.concat(this.#lines).toString('utf8'))
    } catch {
      return undefined
    }
    this.#forget()
    return value
  }

  #forget(): void {
    this.#lines = []
    this.#length = 0
    this.#inside = false
  }
}

/** A closing bracket is all that may end a document; white space may follow. */
function ends(bytes: Uint8Array): boolean {
  const last = bytes.findLast((byte) => byte > 0x20)
  return last === closeBrace || last === closeBracket
}

function startsEvent(line: Uint8Array): boolean {
  return /^(?:data|event|id|retry)?:/.test(
    Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, 6)).toString('latin1'),
  )
}
