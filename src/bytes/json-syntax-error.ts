// The one error of the JSON scanner: says where a document breaks and what was expected there, for a human to act on.

import { isUtf8 } from 'node:buffer'

export type JsonSyntaxReason = 'syntax' | 'utf8' | 'depth' | 'size' | 'not-object'

export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError'
  /** Byte offset in the document, from 0. */
  readonly offset: number
  readonly reason: JsonSyntaxReason

  constructor(reason: JsonSyntaxReason, offset: number, message: string) {
    super(message)
    this.reason = reason
    this.offset = offset
  }
}

/** An error at a byte of the document; the message ends with its line and column (both from 1, columns in characters). */
export function jsonErrorAt(
  bytes: Uint8Array,
  offset: number,
  reason: JsonSyntaxReason,
  detail: string,
): JsonSyntaxError {
  let line = 1
  let column = 1
  for (let at = 0; at < offset; at++) {
    const byte = bytes[at] as number
    if (byte === 0x0a) {
      line++
      column = 1
    } else if ((byte & 0xc0) !== 0x80) column++
  }
  return new JsonSyntaxError(reason, offset, `${detail} at line ${line}, column ${column}`)
}

/** `expected …, found …` at a byte of the document. */
export function jsonExpected(bytes: Uint8Array, offset: number, expected: string): JsonSyntaxError {
  return jsonErrorAt(bytes, offset, 'syntax', `expected ${expected}, found ${nameByte(bytes, offset)}`)
}

function nameByte(bytes: Uint8Array, offset: number): string {
  const byte = bytes[offset]
  if (byte === undefined) return 'the end of the document'
  if (byte === 0xef && bytes[offset + 1] === 0xbb && bytes[offset + 2] === 0xbf) return 'a byte order mark'
  if (byte > 0x20 && byte < 0x7f) return `'${String.fromCharCode(byte)}'`
  if (byte === 0x20) return 'a space'
  if (byte < 0x20 || byte === 0x7f) return `control character U+${byte.toString(16).toUpperCase().padStart(4, '0')}`
  return 'a non-ASCII character'
}

/**
 * Where the first ill-formed UTF-8 sequence starts, for bytes known not to be UTF-8. Bisects with the native check: as
 * characters have at most four bytes, one of the last four ends up to a point is well-formed exactly if that point is no
 * more than three bytes behind the first ill-formed sequence.
 */
export function firstInvalidUtf8(bytes: Uint8Array): number {
  let valid = 0
  let good = 0
  let bad = bytes.length + 1
  while (bad - good > 1) {
    const cut = (good + bad) >>> 1
    let end = cut
    while (end >= valid && cut - end < 4 && !isUtf8(bytes.subarray(valid, end))) end--
    if (end >= valid && cut - end < 4) {
      good = cut
      valid = end
    } else bad = cut
  }
  return valid
}
