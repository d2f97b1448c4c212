// Where the top-level members of a JSON object lie in its bytes, and edits of single members that leave all other bytes
// verbatim: a gateway needs `model` and `stream` of a body it forwards untouched, not the body as values.

import { constants, isUtf8 } from 'node:buffer'
import { asBuffer } from './as-buffer.ts'
import { ByteRope } from './byte-rope.ts'
import { JsonScanner } from './json-scanner.ts'
import { firstInvalidUtf8, JsonSyntaxError, jsonErrorAt, jsonExpected } from './json-syntax-error.ts'
import { parseJson } from './parse-json.ts'
import { isWorthLoading, loadDocument, unloadDocument } from './vector-scan.ts'

export { JsonSyntaxError } from './json-syntax-error.ts'

/** Byte offsets of a member: its key with both quotes, and its value without the space around it. Ends are exclusive. */
export interface JsonSpan {
  readonly keyStart: number
  readonly keyEnd: number
  readonly start: number
  readonly end: number
}

/** A span with its key as a string, escapes resolved. */
export interface JsonMember extends JsonSpan {
  readonly key: string
  /** How many values stand directly inside the value, one more than it has commas: right for what is an array and not empty. */
  readonly entries: number
}

export interface JsonScanLimits {
  /** How many objects and arrays may be open at once, the document itself included. Default 256. */
  readonly maxDepth?: number
  /** The largest document accepted, in bytes. Default: what fits into one string. */
  readonly maxBytes?: number
}

/** The top-level members of one document. Holds on to the document's bytes, which must not change afterwards. */
export class JsonSpans {
  /** Every member in document order, duplicates included. */
  readonly members: readonly JsonMember[]
  /** Keys that occur more than once, compared with escapes resolved; each is listed once. */
  readonly duplicates: readonly string[]
  /** The offset after the opening brace. */
  readonly bodyStart: number
  readonly #document: ByteRope
  readonly #last = new Map<string, JsonMember>()
  readonly #innards: readonly number[]
  #values: Map<string, unknown> | undefined
  #outline: string | undefined

  /** `innards`: start and end of each part that `mentions` leaves out. */
  constructor(document: ByteRope, bodyStart: number, members: readonly JsonMember[], innards: readonly number[] = []) {
    this.#document = document
    this.#innards = innards
    this.bodyStart = bodyStart
    this.members = members
    for (const member of members) this.#last.set(member.key, member)
    this.duplicates = this.#last.size === members.length ? [] : repeatedKeys(members)
  }

  /** The member's span; of duplicates the last one, which is the one that JSON.parse keeps. */
  get(key: string): JsonSpan | undefined {
    return this.#last.get(key)
  }

  has(key: string): boolean {
    return this.#last.has(key)
  }

  /** How many entries the array under the key has; 0 where there is no array. */
  entries(key: string): number {
    const member = this.#last.get(key)
    if (member === undefined || this.#document.byte(member.start) !== 0x5b) return 0
    let first = member.start + 1
    while ((this.#document.byte(first) as number) <= 0x20) first++
    return this.#document.byte(first) === 0x5d ? 0 : member.entries
  }

  /** The distinct keys, in the order of their first occurrence. */
  keys(): string[] {
    return [...this.#last.keys()]
  }

  /** The member's value parsed once and kept, so that all callers share it; undefined if the key is absent. */
  json(key: string): unknown {
    const span = this.#last.get(key)
    if (span === undefined) return undefined
    // A literal, as most switches are, is known by its first byte.
    const first = this.#document.byte(span.start)
    if (first === 0x74) return true
    if (first === 0x66) return false
    if (first === 0x6e) return null
    const known = this.#values?.get(key)
    if (known !== undefined) return known
    const value = parseJson(this.raw(key))
    this.#values ??= new Map()
    this.#values.set(key, value)
    return value
  }

  /** The member's value as JSON text; empty, which no JSON value is, if the key is absent. */
  raw(key: string): string {
    const span = this.#last.get(key)
    return span === undefined ? '' : this.#document.text('utf8', span.start, span.end)
  }

  /** Whether one of the texts occurs outside of long strings, or in the first half kilobyte of one. */
  mentions(texts: readonly string[]): boolean {
    if (texts.length === 0) return false
    if (this.#innards.length === 0) return texts.some((text) => this.#document.includes(text))
    const outline = (this.#outline ??= this.#readOutline())
    return texts.some((text) => outline.includes(text))
  }

  #readOutline(): string {
    const innards = this.#innards
    let outline = ''
    let from = 0
    for (let index = 0; index <= innards.length; index += 2) {
      outline += this.#document.text('latin1', from, innards[index])
      from = innards[index + 1] ?? this.#document.length
    }
    return outline
  }
}

/**
 * Checks a whole document in one pass and finds its top-level members. Refuses what JSON.parse of the strictly decoded
 * UTF-8 text (a byte order mark included) refuses, whatever is not an object, and whatever is beyond the limits.
 *
 * @throws JsonSyntaxError
 */
export function scanJsonObject(bytes: Uint8Array | ByteRope, limits: JsonScanLimits = {}): JsonSpans {
  const { maxDepth = 256, maxBytes = constants.MAX_STRING_LENGTH } = limits
  if (bytes.length > maxBytes) {
    const message = `the document has ${bytes.length} bytes, more than the limit of ${maxBytes}`
    throw new JsonSyntaxError('size', maxBytes, message)
  }
  const rope = bytes instanceof ByteRope ? bytes : new ByteRope(bytes)
  if (!isWorthLoading(rope.length)) return scanned(rope, rope.whole(), maxDepth, false)
  try {
    return scanned(rope, loadDocument(rope), maxDepth, true)
  } finally {
    unloadDocument()
  }
}

/** `document` has the bytes of `rope` in one piece; `isLoaded` says that the vector program has them. */
function scanned(rope: ByteRope, document: Buffer, maxDepth: number, isLoaded: boolean): JsonSpans {
  if (!isUtf8(document)) throw jsonErrorAt(document, firstInvalidUtf8(document), 'utf8', 'invalid UTF-8')
  const scanner = new JsonScanner(document, maxDepth, isLoaded)
  const open = scanner.space(0)
  if (scanner.byte(open) !== 0x7b) throw notAnObject(document, open)
  if (maxDepth < 1) throw jsonErrorAt(document, open, 'depth', `nested deeper than the limit of ${maxDepth} levels`)

  const members: JsonMember[] = []
  let pos = scanner.space(open + 1)
  if (scanner.byte(pos) !== 0x7d) {
    for (;;) {
      const keyStart = pos
      const keyEnd = scanner.string(keyStart)
      const start = scanner.colon(keyEnd)
      const end = scanner.value(start, 1)
      const entries = scanner.commas + 1
      members.push({ key: keyText(document, scanner, keyStart, keyEnd), keyStart, keyEnd, start, end, entries })
      pos = scanner.space(end)
      const next = scanner.byte(pos)
      if (next === 0x7d) break
      if (next !== 0x2c) throw jsonExpected(document, pos, "',' or '}'")
      pos = scanner.space(pos + 1)
    }
  }
  const rest = scanner.space(pos + 1)
  if (rest !== document.length) throw jsonExpected(document, rest, 'nothing after the document')
  return new JsonSpans(rope, open + 1, members, scanner.innards)
}

/**
 * Replaces, adds or (with `undefined`) removes top-level members. An edit's text must be one JSON value; it is put in as
 * it stands. All duplicates of an edited key are edited, so that no reader of the result can see the old value. Added
 * members follow the last one. Every byte outside the edits stays as it was; with nothing to do, `bytes` itself is
 * returned. `spans` must be the scan of `bytes`.
 */
export function spliceJson(
  bytes: Uint8Array,
  spans: JsonSpans,
  edits: Readonly<Record<string, string | undefined>>,
): Uint8Array {
  const patches = plannedPatches(spans, edits)
  return patches.length === 0 ? bytes : patched(asBuffer(bytes), patches)
}

/** Puts `text` in the place of the bytes from `start` to `end`. */
interface Patch {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The edits as patches in ascending order. A removed member takes one comma with it: the one next to a kept member. */
function plannedPatches(spans: JsonSpans, edits: Readonly<Record<string, string | undefined>>): Patch[] {
  const { members } = spans
  const first = members[0]
  const patches: Patch[] = []
  let kept: JsonMember | undefined
  let removed: JsonMember | undefined
  for (const member of members) {
    const edited = Object.hasOwn(edits, member.key)
    const text = edited ? edits[member.key] : undefined
    if (edited && text === undefined) {
      removed = member
      continue
    }
    if (removed !== undefined) {
      if (kept !== undefined) patches.push({ start: kept.end, end: removed.end, text: '' })
      else if (first !== undefined) patches.push({ start: first.keyStart, end: member.keyStart, text: '' })
      removed = undefined
    }
    if (text !== undefined) patches.push({ start: member.start, end: member.end, text })
    kept = member
  }

  let added = ''
  for (const key of Object.keys(edits)) {
    const text = edits[key]
    if (text === undefined || spans.has(key)) continue
    added += `${kept === undefined && added === '' ? '' : ','}${JSON.stringify(key)}:${text}`
  }
  if (removed !== undefined) {
    patches.push({ start: kept?.end ?? first?.keyStart ?? spans.bodyStart, end: removed.end, text: added })
  } else if (added !== '') {
    const at = kept?.end ?? spans.bodyStart
    patches.push({ start: at, end: at, text: added })
  }
  return patches
}

/** As `spliceJson`, in pieces that view the same bytes: for documents so long that a copy of them costs something. */
export function spliceJsonInPieces(
  document: ByteRope,
  spans: JsonSpans,
  edits: Readonly<Record<string, string | undefined>>,
): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let from = 0
  for (const { start, end, text } of plannedPatches(spans, edits)) {
    pieces.push(...document.views(from, start))
    if (text !== '') pieces.push(Buffer.from(text))
    from = end
  }
  pieces.push(...document.views(from, document.length))
  return pieces
}

function patched(bytes: Buffer, patches: readonly Patch[]): Uint8Array {
  let length = bytes.length
  for (const { start, end, text } of patches) length += Buffer.byteLength(text) - (end - start)
  const result = Buffer.allocUnsafe(length)
  let from = 0
  let to = 0
  for (const { start, end, text } of patches) {
    to += bytes.copy(result, to, from, start)
    to += result.write(text, to)
    from = end
  }
  bytes.copy(result, to, from)
  return result
}

/** The key between its quotes, escapes resolved. */
function keyText(bytes: Buffer, scanner: JsonScanner, keyStart: number, keyEnd: number): string {
  for (let at = keyStart + 1; at < keyEnd - 1; at++) {
    const byte = bytes[at] as number
    if (byte === 0x5c || byte >= 0x80) return JSON.parse(bytes.toString('utf8', keyStart, keyEnd)) as string
  }
  return scanner.latin1(keyStart + 1, keyEnd - 1)
}

function repeatedKeys(members: readonly JsonMember[]): string[] {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const { key } of members) {
    if (seen.has(key)) repeated.add(key)
    seen.add(key)
  }
  return [...repeated]
}

/** Names what stands there by its first byte; the rest of such a document is not looked at. */
function notAnObject(bytes: Buffer, at: number): JsonSyntaxError {
  const kind = kindOf(String.fromCharCode(bytes[at] ?? 0))
  if (kind === undefined) return jsonExpected(bytes, at, "'{' to begin a JSON object")
  return jsonErrorAt(bytes, at, 'not-object', `expected a JSON object, found ${kind}`)
}

function kindOf(character: string): string | undefined {
  if (character === '[') return 'an array'
  if (character === '"') return 'a string'
  if (character === 'n') return 'null'
  if (character === 't' || character === 'f') return 'a boolean'
  return character === '-' || (character >= '0' && character <= '9') ? 'a number' : undefined
}
