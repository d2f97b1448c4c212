// Walks JSON bytes strictly and fast without building values: the engine under the top-level spans of `json-spans.ts`.
//
// Structure is read byte by byte. A string that is longer than a few bytes is left to native searches instead: the bytes
// are viewed as Latin-1 text one window at a time (so that no copy of a large document is ever alive), the next quote
// and the next backslash are looked up lazily, and control characters are looked for four bytes at a time. In documents
// of some size long strings are left to vector instructions (`vector-scan.ts`).

import { jsonErrorAt, jsonExpected } from './json-syntax-error.ts'
import { commasSkipped, findStringEnd, skipNumbers } from './vector-scan.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const ZERO = 0x30
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const END = -1

/** Strings up to this many bytes are read in place; beyond it a native search is cheaper. */
const SHORT_STRING = 24
/** A string from here on is text or data, in which nobody looks for what a document is made of, but for its beginning. */
const longString = 1024
const beginning = 512
/** Stays well inside V8's young generation, where a short-lived string costs next to nothing. */
const WINDOW_BYTES = 32 * 1024
/** Below this the set-up of the word-wise check costs more than it saves. */
const WORDWISE_BYTES = 96

const STRING_SPECIAL = classTable([QUOTE, BACKSLASH, ...Array.from({ length: 0x20 }, (_, code) => code)])
const ESCAPABLE = classTable(Array.from('"\\/bfnrt', (character) => character.charCodeAt(0)))
const HEX_DIGIT = classTable(Array.from('0123456789abcdefABCDEF', (character) => character.charCodeAt(0)))

function classTable(codes: readonly number[]): Uint8Array {
  const table = new Uint8Array(256)
  for (const code of codes) table[code] = 1
  return table
}

/** Closing brackets of the open containers. Shared by all scans: a scan is synchronous and never re-enters. */
let closers = new Uint8Array(256)

export class JsonScanner {
  readonly #bytes: Buffer
  readonly #maxDepth: number
  /** Long strings are left to the vector program, which has the document. */
  readonly #loaded: boolean
  /** Commas directly inside the value that was checked last. */
  commas = 0
  /** Start and end of every string that is longer than `longString`, without what of it counts as its beginning. */
  readonly innards: number[] = []
  #window = ''
  #windowStart = 0
  #nextBackslash = -1
  #words: Int32Array | undefined

  /**
   * `bytes` must be well-formed UTF-8: the scanner then need not look at bytes above ASCII. `loaded` says that they are what
   * `loadDocument` returned last.
   */
  constructor(bytes: Buffer, maxDepth: number, loaded: boolean) {
    this.#bytes = bytes
    this.#maxDepth = maxDepth
    this.#loaded = loaded
    if (!loaded) this.#window = bytes.toString('latin1', 0, Math.min(WINDOW_BYTES, bytes.length))
  }

  /** The bytes of a range as Latin-1 text. */
  latin1(from: number, to: number): string {
    const base = this.#windowStart
    return from >= base && to <= base + this.#window.length
      ? this.#window.slice(from - base, to - base)
      : this.#bytes.toString('latin1', from, to)
  }

  /** The byte at `at`, or -1 past the end. */
  byte(at: number): number {
    return at < this.#bytes.length ? (this.#bytes[at] as number) : END
  }

  /** The first offset from `at` on that is not white space. */
  space(at: number): number {
    const bytes = this.#bytes
    const length = bytes.length
    let pos = at
    while (pos < length) {
      const byte = bytes[pos] as number
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break
      pos++
    }
    return pos
  }

  /** Checks a member's name, the colon after it and the space around that; returns where its value starts. */
  name(at: number): number {
    return this.colon(this.string(at))
  }

  /** Checks the colon after a name that ends at `at`; returns where the value starts. */
  colon(at: number): number {
    const colon = this.space(at)
    if (this.byte(colon) !== COLON) this.fail(colon, "':' after a property name")
    return this.space(colon + 1)
  }

  /** Checks the string whose opening quote is expected at `at`; returns the offset after its closing quote. */
  string(at: number): number {
    const bytes = this.#bytes
    if (this.byte(at) !== QUOTE) this.fail(at, 'a property name in double quotes')
    const stop = Math.min(at + 1 + SHORT_STRING, bytes.length)
    let pos = at + 1
    for (; pos < stop; pos++) {
      const byte = bytes[pos] as number
      if (STRING_SPECIAL[byte] === 0) continue
      if (byte === QUOTE) return pos + 1
      if (byte === BACKSLASH) break
      this.#failString(at)
    }
    const end = this.#longString(at, pos)
    if (end - at > longString) this.innards.push(at + beginning, end - 1)
    return end
  }

  /** The rest of a string: `from` is inside it, with nothing special before. */
  #longString(open: number, from: number): number {
    const bytes = this.#bytes
    if (this.#loaded) {
      const end = findStringEnd(from, bytes.length)
      return end === END ? this.#failString(open) : end
    }
    let base = this.#windowStart
    let window = this.#window
    let size = window.length
    // Inside the window, or its size if there is none. Finds stay valid until passed, so the two searches together
    // see each byte once.
    let quote = -1
    let backslash = this.#nextBackslash
    let pos = from - base
    for (;;) {
      if (pos >= size) {
        base += pos
        if (base >= bytes.length) this.#failString(open)
        window = bytes.toString('latin1', base, Math.min(base + WINDOW_BYTES, bytes.length))
        this.#windowStart = base
        this.#window = window
        size = window.length
        pos = 0
        quote = -1
        backslash = -1
      }
      if (backslash < pos) {
        backslash = window.indexOf('\\', pos)
        if (backslash === -1) backslash = size
      }
      if (quote < pos) {
        quote = window.indexOf('"', pos)
        if (quote === -1) quote = size
      }
      if (quote < backslash) {
        this.#nextBackslash = backslash
        if (this.#hasControl(from, base + quote)) this.#failString(open)
        return base + quote + 1
      }
      if (backslash === size) pos = size
      else {
        const end = escapeEnd(bytes, base + backslash)
        if (end === END) this.#failString(open)
        pos = end - base
      }
    }
  }

  #hasControl(from: number, to: number): boolean {
    const bytes = this.#bytes
    let pos = from
    if (to - from >= WORDWISE_BYTES) {
      const words = (this.#words ??= new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >>> 2))
      const base = bytes.byteOffset
      const first = (base + from + 3) >>> 2
      const last = (base + to) >>> 2
      for (const stop = first * 4 - base; pos < stop; pos++) if ((bytes[pos] as number) < 0x20) return true
      // Subtracting 0x20 from every byte at once borrows through a byte's top bit exactly if one below 0x20 is there.
      let found = 0
      let word = first
      for (; word + 3 < last; word += 4) {
        const a = words[word] as number
        const b = words[word + 1] as number
        const c = words[word + 2] as number
        const d = words[word + 3] as number
        found |= ((a - 0x20202020) & ~a) | ((b - 0x20202020) & ~b) | ((c - 0x20202020) & ~c) | ((d - 0x20202020) & ~d)
      }
      if ((found & 0x80808080) !== 0) return true
      pos = word * 4 - base
    }
    for (; pos < to; pos++) if ((bytes[pos] as number) < 0x20) return true
    return false
  }

  /**
   * Checks the value at `at` (white space before it already skipped), which lies inside `depth` open containers.
   * Returns the offset after it; `commas` tells then how many stood directly inside it. Nesting is kept on a stack of bytes, so
   * depth costs no call stack.
   */
  value(at: number, depth: number): number {
    const bytes = this.#bytes
    const inner = depth + 1
    let open = depth
    let pos = at
    this.commas = 0
    for (;;) {
      const byte = this.byte(pos)
      if (byte === QUOTE) pos = this.string(pos)
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (open >= this.#maxDepth) {
          throw jsonErrorAt(bytes, pos, 'depth', `nested deeper than the limit of ${this.#maxDepth} levels`)
        }
        const closer = byte + 2
        const inside = this.space(pos + 1)
        if (this.byte(inside) === closer) pos = inside + 1
        else {
          if (open >= closers.length) closers = grown(closers)
          closers[open++] = closer
          pos = byte === OPEN_BRACE ? this.name(inside) : inside
          continue
        }
      } else if (byte === MINUS || (byte >= ZERO && byte <= 0x39)) {
        if (open > depth && closers[open - 1] !== CLOSE_BRACE)
          pos = this.#loaded ? this.#loadedNumbers(pos, open === inner) : this.#numbers(pos, open === inner)
        else pos = this.#number(pos)
      } else if (byte === 0x74) pos = this.#literal(pos, 'true')
      else if (byte === 0x66) pos = this.#literal(pos, 'false')
      else if (byte === 0x6e) pos = this.#literal(pos, 'null')
      else this.fail(pos, 'a value')

      for (;;) {
        if (open === depth) return pos
        pos = this.space(pos)
        const next = this.byte(pos)
        const closer = closers[open - 1] as number
        if (next === COMMA) {
          if (open === inner) this.commas++
          pos = this.space(pos + 1)
          if (closer === CLOSE_BRACE) pos = this.name(pos)
          break
        }
        if (next !== closer) this.fail(pos, closer === CLOSE_BRACE ? "',' or '}'" : "',' or ']'")
        open--
        pos++
      }
    }
  }

  /**
   * Numbers of a list, as vectors are, up to the last one that no comma and number follow at once. `at` is at a number; `counts` says that the
   * commas between them are those to be told.
   */
  #numbers(at: number, counts: boolean): number {
    const bytes = this.#bytes
    const { length } = bytes
    let start = at
    for (let commas = 0; ; commas++) {
      let pos = start
      let byte = bytes[pos] as number
      if (byte === MINUS) byte = bytes[++pos] as number
      const first = pos
      while (byte >= ZERO && byte <= 0x39) byte = bytes[++pos] as number
      let plain = pos > first && (pos === first + 1 || bytes[first] !== ZERO)
      if (plain && byte === 0x2e) {
        const fraction = ++pos
        byte = bytes[pos] as number
        while (byte >= ZERO && byte <= 0x39) byte = bytes[++pos] as number
        plain = pos > fraction
      }
      // Exponents are rare, and whatever else it is, the general way says what is wrong with it.
      if (!plain || (byte | 0x20) === 0x65) pos = this.#number(start)
      const next = pos + 1 < length && bytes[pos] === COMMA ? (bytes[pos + 1] as number) : END
      if (next !== MINUS && !(next >= ZERO && next <= 0x39)) {
        if (counts) this.commas += commas
        return pos
      }
      start = pos + 1
    }
  }

  /** The same by the vector program, which leaves numbers with an exponent to us, and where blanks stand between them as well. */
  #loadedNumbers(at: number, counts: boolean): number {
    let start = at
    for (;;) {
      const last = skipNumbers(start)
      if (counts && last !== start) this.commas += commasSkipped()
      const pos = this.#number(last)
      if (this.byte(pos) !== COMMA) return pos
      start = this.space(pos + 1)
      const next = this.byte(start)
      if (next !== MINUS && !(next >= ZERO && next <= 0x39)) return pos
      if (counts) this.commas++
    }
  }

  #number(at: number): number {
    let pos = this.byte(at) === MINUS ? at + 1 : at
    if (this.byte(pos) === ZERO) pos++
    else pos = this.#digits(pos)
    if (this.byte(pos) === 0x2e) pos = this.#digits(pos + 1)
    const exponent = this.byte(pos)
    if (exponent === 0x65 || exponent === 0x45) {
      const sign = this.byte(pos + 1)
      pos = this.#digits(sign === 0x2b || sign === MINUS ? pos + 2 : pos + 1)
    }
    return pos
  }

  /** At least one decimal digit. */
  #digits(at: number): number {
    const bytes = this.#bytes
    const length = bytes.length
    let pos = at
    while (pos < length) {
      const digit = (bytes[pos] as number) - ZERO
      if (digit < 0 || digit > 9) break
      pos++
    }
    if (pos === at) this.fail(at, 'a digit')
    return pos
  }

  #literal(at: number, text: string): number {
    for (let i = 1; i < text.length; i++) {
      if (this.byte(at + i) !== text.charCodeAt(i)) this.fail(at + i, `'${text}'`)
    }
    return at + text.length
  }

  fail(at: number, expected: string): never {
    throw jsonExpected(this.#bytes, at, expected)
  }

  /** Walks a string known to be broken byte by byte, to name the first thing wrong in it. */
  #failString(open: number): never {
    const bytes = this.#bytes
    let pos = open + 1
    while (pos < bytes.length) {
      const byte = bytes[pos] as number
      if (byte < 0x20) this.fail(pos, "the string to go on or to end with '\"' (control characters must be escaped)")
      if (byte === BACKSLASH) {
        const end = escapeEnd(bytes, pos)
        if (end === END)
          this.fail(pos + 1, 'one of " \\ / b f n r t or u with four hexadecimal digits after a backslash')
        pos = end
      } else pos++
    }
    throw jsonErrorAt(
      bytes,
      bytes.length,
      'syntax',
      `expected '"' to end the string that starts at byte ${open}, found the end of the document`,
    )
  }
}

/** The offset after the escape whose backslash is at `at`, or -1 if it is not one that JSON knows. */
function escapeEnd(bytes: Buffer, at: number): number {
  const kind = at + 1 < bytes.length ? (bytes[at + 1] as number) : 0
  if (ESCAPABLE[kind] === 1) return at + 2
  if (kind !== 0x75 || at + 6 > bytes.length) return END
  for (let pos = at + 2; pos < at + 6; pos++) if (HEX_DIGIT[bytes[pos] as number] === 0) return END
  return at + 6
}

function grown(table: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(table.length * 2)
  larger.set(table)
  return larger
}
