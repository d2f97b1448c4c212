/**
 * One message with two views: its bytes, verbatim, and its decoded value. Reading top-level members needs no parse, an edit of
 * one leaves every other byte as the client sent it, and the value is decoded at most once.
 */
import { ByteRope } from '../bytes/byte-rope.ts'
import { JsonSyntaxError, scanJsonObject, spliceJson, spliceJsonInPieces } from '../bytes/json-spans.ts'
import type { JsonSpans } from '../bytes/json-spans.ts'
import { parseJson } from '../bytes/parse-json.ts'
import { parsePreciseJson } from '../bytes/precise-json.ts'
import { Fault } from '../model/fault.ts'
import { isJsonObject } from '../model/json.ts'
import type { JsonObject } from '../model/json.ts'
import type { FaultCode } from '../model/fault.ts'

const maxDepth = 256
/** Bytes up to which a whole parse beats finding members by their spans. */
const smallDocument = 4096
/** Bytes from which on a copy costs more than sending pieces. */
const longDocument = 64 * 1024

const faultOf: Record<JsonSyntaxError['reason'], FaultCode> = {
  syntax: 'invalid_json',
  utf8: 'invalid_encoding',
  depth: 'nesting_too_deep',
  size: 'body_too_large',
  'not-object': 'invalid_json',
}

export class Body<T> {
  readonly #bytes: ByteRope
  readonly #decode: (json: unknown) => T
  #spans: JsonSpans | undefined
  #members: JsonObject | undefined
  #json: { value: unknown } | undefined
  #value: { value: T } | undefined

  constructor(bytes: Uint8Array | ByteRope, decode: (json: unknown) => T) {
    this.#bytes = bytes instanceof ByteRope ? bytes : new ByteRope(bytes)
    this.#decode = decode
  }

  /** Its length in bytes. */
  get length(): number {
    return this.#bytes.length
  }

  /** As it arrived, in one piece. Joins what came in several: who needs but some of it asks for that. */
  bytes(): Uint8Array {
    return this.#bytes.whole()
  }

  /** The byte at an offset; undefined past the end. */
  byte(at: number): number | undefined {
    return this.#bytes.byte(at)
  }

  /** The bytes between two offsets. */
  slice(start: number, end: number): Buffer {
    return this.#bytes.slice(start, end)
  }

  /**
   * Whether one of the texts occurs where members and the beginnings of strings are. A text that begins with a quote cannot occur
   * elsewhere, because inside of strings quotes are escaped.
   */
  mentions(texts: readonly string[]): boolean {
    return this.spans().mentions(texts)
  }

  /** Whether the text, of characters below U+0100, occurs anywhere. */
  includes(text: string): boolean {
    return this.#bytes.includes(text)
  }

  /** Where the top-level members stand; throws a Fault when the bytes are not one well-formed JSON object. */
  spans(): JsonSpans {
    if (this.#spans === undefined) {
      if (this.#bytes.length === 0) throw new Fault('body_missing', 'The request has no body: send a JSON object.')
      try {
        this.#spans = scanJsonObject(this.#bytes, { maxDepth })
      } catch (error) {
        if (error instanceof JsonSyntaxError) throw new Fault(faultOf[error.reason], error.message)
        throw error
      }
    }
    return this.#spans
  }

  /** Small enough that `member` reads the whole document. */
  get isSmall(): boolean {
    return this.#bytes.length <= smallDocument
  }

  /** The value of one top-level member. Of a small document all are read at once, which costs less than looking for some. */
  member(key: string): unknown {
    if (!this.isSmall) return this.spans().json(key)
    // What has been scanned knows already what it does not have.
    if (this.#members === undefined && this.#spans?.has(key) === false) return undefined
    this.#members ??= this.#parseSmall()
    return Object.hasOwn(this.#members, key) ? this.#members[key] : undefined
  }

  #parseSmall(): JsonObject {
    let value: unknown
    try {
      value = parseJson(this.#text())
    } catch {
      value = undefined
    }
    if (isJsonObject(value)) return value
    // The scanner says what is wrong, and where.
    this.spans()
    throw new Fault('invalid_json', 'The document is not a JSON object.')
  }

  #text(): string {
    return this.#bytes.text('utf8')
  }

  /** The parsed document; numbers that a double cannot hold keep their digits. */
  json(): unknown {
    if (this.#json === undefined) {
      this.spans()
      this.#json = {
        value: parsePreciseJson(this.#text()),
      }
    }
    return this.#json.value
  }

  /** The decoded value; throws a Fault that names the field at fault. */
  read(): T {
    this.#value ??= { value: this.#decode(this.json()) }
    return this.#value.value
  }

  /** The bytes with some top-level members replaced, added or (undefined) removed; all else verbatim. Values are JSON text. */
  splice(edits: Readonly<Record<string, string | undefined>>): Uint8Array {
    return spliceJson(this.#bytes.whole(), this.spans(), edits)
  }

  /** The same, and of a long document in pieces rather than copied. */
  spliced(edits: Readonly<Record<string, string | undefined>>): Uint8Array | Uint8Array[] {
    return this.#bytes.length < longDocument ? this.splice(edits) : spliceJsonInPieces(this.#bytes, this.spans(), edits)
  }
}
