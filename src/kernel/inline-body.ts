/**
 * A request whose JSON has an uploaded file in it, as base64: its length is known, and the file is read and encoded while it is sent, so
 * that nobody holds it in memory.
 */
import { randomUUID } from 'node:crypto'
import type { BodySource } from './transport.ts'
import type { Upload } from './upload.ts'

/** Stands for the file in what a dialect writes. No text of a client is the same: it is another in every process. */
export const fileInline = `file:${randomUUID()}`

/** `json` is the body with `fileInline` at the place of the file. Throws a RangeError where there is none. */
export function inlineBody(json: Uint8Array, upload: Upload): BodySource {
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.length)
  const at = bytes.indexOf(fileInline)
  if (at === -1) throw new RangeError('the body has no place for its file')
  const before = bytes.subarray(0, at)
  const after = bytes.subarray(at + fileInline.length)
  return {
    length: before.length + Math.ceil(upload.length / 3) * 4 + after.length,
    async *open() {
      yield before
      let rest = Buffer.alloc(0)
      for await (const chunk of upload.open()) {
        const piece = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
        const whole = piece.length - (piece.length % 3)
        yield encoded(piece.subarray(0, whole))
        rest = Buffer.from(piece.subarray(whole))
      }
      yield encoded(rest)
      yield after
    },
  }
}

const encoded = (bytes: Uint8Array): Buffer =>
  Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'), 'latin1')
