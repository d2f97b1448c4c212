// One message of AWS's binary event streams (application/vnd.amazon.eventstream): its lengths and their checksum, headers,
// payload, and a checksum of everything. smithy.io/2.0/aws/amazon-eventstream.html

import { crc32 } from 'node:zlib'
import { asBuffer } from './as-buffer.ts'
import {
  AwsEventError,
  longestHeaders,
  readAwsEventHeaders,
  tooLongHeaders,
  writeAwsEventHeaders,
} from './aws-event-headers.ts'
import type { AwsEventHeaders } from './aws-event-headers.ts'

export interface AwsEventMessage {
  readonly headers: AwsEventHeaders
  readonly payload: Uint8Array
}

/** Length of the message, length of its headers, and a checksum of the two. */
export const preludeBytes = 12
const checksumBytes = 4
const shortestMessage = preludeBytes + checksumBytes
const longestMessage = 16 * 1024 * 1024

/**
 * How long a message is, from its prelude: known, and known to be true, before the rest of it has come.
 *
 * @throws AwsEventError for a wrong checksum and for lengths that no message may have
 */
export function awsEventLength(prelude: Uint8Array): number {
  const bytes = asBuffer(prelude)
  if (crc32(bytes.subarray(0, preludeBytes - checksumBytes)) !== bytes.readUInt32BE(preludeBytes - checksumBytes)) {
    throw new AwsEventError('the checksum of a prelude is wrong: the bytes are damaged, or are not an event stream')
  }
  const length = bytes.readUInt32BE(0)
  const headers = bytes.readUInt32BE(4)
  if (length > longestMessage) throw tooLong(length)
  if (headers > longestHeaders) throw tooLongHeaders(headers)
  if (length < shortestMessage + headers) {
    throw new AwsEventError(`a message of ${length} bytes cannot have ${headers} bytes of headers`)
  }
  return length
}

function tooLong(length: number): AwsEventError {
  return new AwsEventError(`a message has ${length} bytes; at most ${longestMessage} are accepted`)
}

/**
 * Reads a whole message, whose length `awsEventLength` has told. Keeps nothing of `message`.
 *
 * @throws AwsEventError for a wrong checksum and for headers that are none
 */
export function readAwsEvent(message: Uint8Array): AwsEventMessage {
  const bytes = asBuffer(message)
  const end = bytes.length - checksumBytes
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) {
    throw new AwsEventError('the checksum of a message is wrong: its bytes are damaged')
  }
  const payloadAt = preludeBytes + bytes.readUInt32BE(4)
  return {
    headers: headersOf(bytes, payloadAt),
    payload: Uint8Array.prototype.slice.call(bytes, payloadAt, end),
  }
}

/** Nearly all messages of a stream have the same few blocks of headers: what was read once is kept, by its bytes. */
const known = new Map<string, AwsEventHeaders>()
const mostKnown = 64
const longestKnown = 512

function headersOf(bytes: Buffer, end: number): AwsEventHeaders {
  if (end - preludeBytes > longestKnown) return readAwsEventHeaders(bytes.subarray(preludeBytes, end))
  const key = bytes.toString('latin1', preludeBytes, end)
  let headers = known.get(key)
  if (headers === undefined) {
    headers = readAwsEventHeaders(bytes.subarray(preludeBytes, end))
    // Values that a reader could write into are each reader's own.
    if (Array.from(headers.values()).some(({ type }) => type === 'bytes')) return headers
    if (known.size >= mostKnown) known.clear()
    known.set(key, headers)
  }
  return headers
}

/** @throws AwsEventError for headers that cannot be written, and for a message longer than readers accept */
export function writeAwsEvent({ headers, payload }: AwsEventMessage): Uint8Array {
  const head = writeAwsEventHeaders(headers)
  const length = shortestMessage + head.length + payload.length
  if (length > longestMessage) throw tooLong(length)
  const bytes = Buffer.alloc(length)
  bytes.writeUInt32BE(length, 0)
  bytes.writeUInt32BE(head.length, 4)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
  head.copy(bytes, preludeBytes)
  bytes.set(payload, preludeBytes + head.length)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, length - checksumBytes)), length - checksumBytes)
  return bytes
}
