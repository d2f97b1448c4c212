// Headers of messages in AWS's binary event streams: names with typed values, as the Amazon Event Stream Specification lays
// them out (smithy.io/2.0/aws/amazon-eventstream.html, "Headers").

import { asBuffer } from './as-buffer.ts'

/** Every type that the specification has. */
export type AwsEventHeader =
  | { readonly type: 'boolean'; readonly value: boolean }
  /** Signed, of 8, 16 and 32 bits. */
  | { readonly type: 'byte' | 'short' | 'integer'; readonly value: number }
  /** Signed, of 64 bits; a timestamp counts milliseconds since 1970. */
  | { readonly type: 'long' | 'timestamp'; readonly value: bigint }
  | { readonly type: 'bytes'; readonly value: Uint8Array }
  | { readonly type: 'string'; readonly value: string }
  /** In its usual spelling, lower-case. */
  | { readonly type: 'uuid'; readonly value: string }

export type AwsEventHeaders = ReadonlyMap<string, AwsEventHeader>

/** What is wrong with a message, in words; the reader and the writer add nothing to it. */
export class AwsEventError extends Error {
  override readonly name = 'AwsEventError'
}

export const longestHeaders = 128 * 1024
const longestName = 255
const longestValue = 0xffff

/** Codes of the types on the wire; a boolean is told by its code alone. */
const code = {
  true: 0,
  false: 1,
  byte: 2,
  short: 3,
  integer: 4,
  long: 5,
  bytes: 6,
  string: 7,
  timestamp: 8,
  uuid: 9,
} as const

const uuidBytes = 16
const uuidSpelling = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws AwsEventError for anything that the bytes of headers cannot be */
export function readAwsEventHeaders(bytes: Uint8Array): Map<string, AwsEventHeader> {
  const headers = new Map<string, AwsEventHeader>()
  const input = new HeaderInput(asBuffer(bytes))
  while (!input.done) {
    const name = input.text(input.unsigned(1))
    if (name === '') throw new AwsEventError('a header has no name')
    if (headers.has(name)) throw new AwsEventError(`the header ${JSON.stringify(name)} appears twice`)
    headers.set(name, readValue(input))
  }
  return headers
}

function readValue(input: HeaderInput): AwsEventHeader {
  const type = input.unsigned(1)
  switch (type) {
    case code.true:
    case code.false:
      return { type: 'boolean', value: type === code.true }
    case code.byte:
      return { type: 'byte', value: input.take(1).readInt8() }
    case code.short:
      return { type: 'short', value: input.take(2).readInt16BE() }
    case code.integer:
      return { type: 'integer', value: input.take(4).readInt32BE() }
    case code.long:
      return { type: 'long', value: input.take(8).readBigInt64BE() }
    case code.bytes:
      return { type: 'bytes', value: Uint8Array.from(input.take(input.unsigned(2))) }
    case code.string:
      return { type: 'string', value: input.text(input.unsigned(2)) }
    case code.timestamp:
      return { type: 'timestamp', value: input.take(8).readBigInt64BE() }
    case code.uuid: {
      const hex = input.take(uuidBytes).toString('hex')
      return { type: 'uuid', value: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') }
    }
    default:
      throw new AwsEventError(`a header has the type ${type}, which does not exist`)
  }
}

class HeaderInput {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new AwsEventError('the headers end in the middle of one')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  unsigned(length: number): number {
    return this.take(length).readUIntBE(0, length)
  }

  text(length: number): string {
    try {
      return strictUtf8.decode(this.take(length))
    } catch (error) {
      if (error instanceof AwsEventError) throw error
      throw new AwsEventError('a header is not valid UTF-8')
    }
  }
}

/** @throws AwsEventError for a value that its type cannot hold, and for more headers than a message may have */
export function writeAwsEventHeaders(headers: AwsEventHeaders): Buffer {
  const pieces: Uint8Array[] = []
  for (const [name, header] of headers) {
    const label = Buffer.from(name)
    if (label.length === 0 || label.length > longestName) {
      throw new AwsEventError(`the name of a header must have 1 to ${longestName} bytes, not ${label.length}`)
    }
    pieces.push(Uint8Array.of(label.length), label, valueBytes(header))
  }
  const bytes = Buffer.concat(pieces)
  if (bytes.length > longestHeaders) throw tooLongHeaders(bytes.length)
  return bytes
}

export function tooLongHeaders(length: number): AwsEventError {
  return new AwsEventError(`a message has ${length} bytes of headers; at most ${longestHeaders} are accepted`)
}

function valueBytes(header: AwsEventHeader): Uint8Array {
  switch (header.type) {
    case 'boolean':
      return Uint8Array.of(header.value ? code.true : code.false)
    case 'byte':
      return signed(code.byte, BigInt(header.value), 1)
    case 'short':
      return signed(code.short, BigInt(header.value), 2)
    case 'integer':
      return signed(code.integer, BigInt(header.value), 4)
    case 'long':
      return signed(code.long, header.value, 8)
    case 'timestamp':
      return signed(code.timestamp, header.value, 8)
    case 'bytes':
      return sized(code.bytes, header.value)
    case 'string':
      return sized(code.string, Buffer.from(header.value))
    case 'uuid':
      if (!uuidSpelling.test(header.value)) throw new AwsEventError(`${header.value} is not a UUID`)
      return Buffer.from([code.uuid, ...Buffer.from(header.value.replaceAll('-', ''), 'hex')])
  }
}

function signed(type: number, value: bigint, length: 1 | 2 | 4 | 8): Uint8Array {
  if (BigInt.asIntN(length * 8, value) !== value) {
    throw new AwsEventError(`${value} does not fit into a signed number of ${length * 8} bits`)
  }
  const bytes = Buffer.alloc(9)
  bytes.writeBigInt64BE(value, 1)
  // The low bytes of the number, behind its type.
  bytes[8 - length] = type
  return bytes.subarray(8 - length)
}

function sized(type: number, value: Uint8Array): Uint8Array {
  if (value.length > longestValue) {
    throw new AwsEventError(`the value of a header has ${value.length} bytes; at most ${longestValue} fit`)
  }
  return Buffer.concat([Uint8Array.of(type, value.length >> 8, value.length & 0xff), value])
}
