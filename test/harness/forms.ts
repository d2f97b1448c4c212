/** Forms with a file, as providers receive them and as no library would send them. */
import type { Received } from './upstream.ts'

export interface ReceivedForm {
  /** Of every name all values, in order. */
  readonly fields: Readonly<Record<string, readonly string[]>>
  /** The first file, for forms that have one. */
  readonly file: ReceivedFile | undefined
  readonly files: readonly ReceivedFile[]
}

export interface ReceivedFile {
  readonly field: string
  readonly name: string
  readonly type: string
  readonly bytes: Buffer
}

/** Read by Node's own parser. */
export async function formIn({ headers, body }: Received): Promise<ReceivedForm> {
  const response = new Response(new Uint8Array(body), { headers: { 'content-type': headers['content-type'] ?? '' } })
  const fields: Record<string, string[]> = {}
  const files: ReceivedFile[] = []
  // Deprecated for servers that take large forms; here they are small.
  // oxlint-disable-next-line typescript/no-deprecated
  for (const [name, value] of await response.formData()) {
    if (typeof value === 'string') (fields[name] ??= []).push(value)
    else files.push({ field: name, name: value.name, type: value.type, bytes: Buffer.from(await value.arrayBuffer()) })
  }
  return { fields, file: files[0], files }
}

/** Silence of so many seconds, at 8,000 samples a second. */
export function wavOf(seconds: number): Buffer {
  const data = seconds * 16_000
  const head = Buffer.alloc(44)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + data, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(8000, 24)
  head.writeUInt32LE(16_000, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(data, 40)
  return Buffer.concat([head, Buffer.alloc(data)])
}

export interface FormPart {
  readonly name: string
  readonly value: string | Uint8Array
  readonly file?: string
  readonly type?: string
}

export const boundary = 'a-boundary-of-the-test'

export function formOf(parts: readonly FormPart[]): Buffer {
  const written = parts.flatMap(({ name, value, file, type }) => {
    const fileName = file === undefined ? '' : `; filename="${file}"`
    const contentType = type === undefined ? '' : `\r\ncontent-type: ${type}`
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${fileName}${contentType}\r\n\r\n`
    return [Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')]
  })
  return Buffer.concat([...written, Buffer.from(`--${boundary}--\r\n`)])
}
