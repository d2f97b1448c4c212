/** Builds a form around an uploaded file: `multipart/form-data` as RFC 7578 has it, its length known and its file read while it is sent. */
import { randomUUID } from 'node:crypto'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { BodySource } from './transport.ts'
import type { Upload } from './upload.ts'

export interface FormBody {
  readonly contentType: string
  readonly body: BodySource
}

/** `fields` are texts, or lists of them for those that are sent several times; the one called `file` stands for the file. */
export function formBody(fields: JsonObject, upload: Upload): FormBody {
  const boundary = `sluicegate-${randomUUID()}`
  const parts = Object.entries(fields)
    .filter(([name]) => name !== 'file')
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value ?? '']).map((each) => field(boundary, name, each)),
    )
  const file = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${quoted(upload.name)}"\r\ncontent-type: ${upload.type}\r\n\r\n`
  const before = Buffer.from([...parts, file].join(''))
  const after = Buffer.from(`\r\n--${boundary}--\r\n`)
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: {
      length: before.length + upload.length + after.length,
      async *open() {
        yield before
        yield* upload.open()
        yield after
      },
    },
  }
}

const field = (boundary: string, name: string, value: JsonValue): string =>
  `--${boundary}\r\ncontent-disposition: form-data; name="${quoted(name)}"\r\n\r\n${
    typeof value === 'string' ? value : JSON.stringify(value)
  }\r\n`

/** As browsers do it: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
const quoted = (text: string): string => text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
