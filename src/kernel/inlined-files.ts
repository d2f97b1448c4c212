/**
 * Puts uploaded files into a JSON body as base64 while it is sent: where a file is to stand, the encoder writes its mark, which no client
 * can know, and nobody ever holds the text of a file.
 */
import type { BodySource } from './transport.ts'
import type { Upload } from './upload.ts'

/** What stands in the JSON for a file; `mark` is new for each attempt. */
export const fileMark = (mark: string, upload: number): string => `{${mark}:${upload}}`

/** The body with the files in place of their marks; the text itself where it has none. */
export function withFilesInlined(json: string, mark: string, uploads: readonly Upload[]): BodySource | string {
  const pieces: (Buffer | { readonly file: Upload })[] = []
  let from = 0
  for (const found of json.matchAll(new RegExp(`\\{${mark}:(\\d+)\\}`, 'g'))) {
    const upload = uploads[Number(found[1])]
    if (upload === undefined) continue
    pieces.push(Buffer.from(json.slice(from, found.index)), { file: upload })
    from = found.index + found[0].length
  }
  if (pieces.length === 0) return json
  pieces.push(Buffer.from(json.slice(from)))
  return {
    length: pieces.reduce((sum, piece) => sum + ('file' in piece ? base64Length(piece.file) : piece.length), 0),
    async *open() {
      for (const piece of pieces) {
        if ('file' in piece) yield* inBase64(piece.file)
        else yield piece
      }
    },
  }
}

const base64Length = ({ length }: Upload): number => Math.ceil(length / 3) * 4

/** Three bytes at a time make four characters, so what does not fill a group waits for the next piece. */
async function* inBase64(upload: Upload): AsyncGenerator<Uint8Array> {
  let left = Buffer.alloc(0)
  for await (const chunk of upload.open()) {
    const bytes =
      left.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([left, chunk])
    const whole = bytes.length - (bytes.length % 3)
    left = Buffer.from(bytes.subarray(whole))
    if (whole > 0) yield Buffer.from(bytes.toString('base64', 0, whole), 'latin1')
  }
  if (left.length > 0) yield Buffer.from(left.toString('base64'), 'latin1')
}
