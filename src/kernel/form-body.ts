/** Builds a form around uploaded files: `multipart/form-data` as RFC 7578 has it, its length known and its files read while it is sent. */
import { randomUUID } from 'node:crypto'
import { Fault } from '../model/fault.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import { isJsonObject } from '../model/json.ts'
import type { BodySource } from './transport.ts'
import { isFileMember } from './upload.ts'
import type { Upload } from './upload.ts'

export interface FormBody {
  readonly contentType: string
  readonly body: BodySource
}

/** A file whose bytes are in the request itself. */
export interface InlineFile {
  readonly base64: string
  readonly name: string
  readonly type: string
}

interface Part {
  readonly head: Buffer
  readonly content: BodySource & { readonly length: number }
}

/**
 * `fields` are texts, or lists of them for those that are sent several times; where a `FileMember` or an `InlineFile` stands, the file is
 * sent, after all texts.
 */
export function formBody(fields: JsonObject, uploads: readonly Upload[]): FormBody {
  const boundary = `sluicegate-${randomUUID()}`
  const texts: string[] = []
  const parts: Part[] = []
  for (const [name, value] of Object.entries(fields)) {
    for (const each of Array.isArray(value) ? value : [value ?? '']) {
      const file = fileOf(each, uploads)
      if (file === undefined) texts.push(field(boundary, name, each))
      else parts.push({ head: fileHead(boundary, name, file), content: file })
    }
  }
  const before = Buffer.from(texts.join(''))
  const between = Buffer.from('\r\n')
  const after = Buffer.from(`--${boundary}--\r\n`)
  const size = parts.reduce((sum, { head, content }) => sum + head.length + content.length + between.length, 0)
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: {
      length: before.length + size + after.length,
      ...(parts.every(({ content }) => content.pieces !== undefined) && {
        pieces: [
          before,
          ...parts.flatMap(({ head, content }) => [head, ...(content.pieces ?? []), between]),
          after,
        ].filter(({ length }) => length > 0),
      }),
      async *open() {
        if (before.length > 0) yield before
        for (const { head, content } of parts) {
          yield head
          yield* content.open()
          yield between
        }
        yield after
      },
    },
  }
}

type SentFile = BodySource & { readonly length: number; readonly name: string; readonly type: string }

function fileOf(value: JsonValue, uploads: readonly Upload[]): SentFile | undefined {
  if (isFileMember(value)) {
    const upload = uploads[value.upload]
    if (upload === undefined) throw new Fault('internal_error', 'The request came without its file.')
    return upload
  }
  if (!isInline(value)) return undefined
  const { base64, name, type } = value
  const bytes = Buffer.from(base64, 'base64')
  return {
    name,
    type,
    length: bytes.length,
    async *open() {
      yield bytes
    },
  }
}

const isInline = (value: JsonValue): value is JsonValue & InlineFile =>
  isJsonObject(value) &&
  typeof value['base64'] === 'string' &&
  typeof value['name'] === 'string' &&
  typeof value['type'] === 'string'

const field = (boundary: string, name: string, value: JsonValue): string =>
  `--${boundary}\r\ncontent-disposition: form-data; name="${quoted(name)}"\r\n\r\n${
    typeof value === 'string' ? value : JSON.stringify(value)
  }\r\n`

const fileHead = (boundary: string, name: string, file: SentFile): Buffer =>
  Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="${quoted(name)}"; filename="${quoted(file.name)}"\r\ncontent-type: ${file.type}\r\n\r\n`,
  )

/** As browsers do it: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
const quoted = (text: string): string => text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
