/** Takes a whole form apart: the simulator gets bodies that are small enough to be held. RFC 7578. */
import { SimProblem } from './problem.ts'

export interface SimForm {
  /** Of several fields of one name the first. */
  readonly fields: ReadonlyMap<string, string>
  readonly files: readonly { readonly name: string; readonly content: Buffer }[]
}

const bad = (message: string): SimProblem => new SimProblem(400, message)

export function readForm(contentType: string | string[] | undefined, body: Uint8Array): SimForm {
  const type = Array.isArray(contentType) ? contentType[0] : contentType
  const boundary = /^multipart\/form-data;.*\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type ?? '')
  const mark = boundary?.[1] ?? boundary?.[2]
  if (mark === undefined) throw bad('The body must be multipart/form-data with a boundary.')
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  const fields = new Map<string, string>()
  const files: { name: string; content: Buffer }[] = []
  let at = bytes.indexOf(`--${mark}`)
  if (at === -1) throw bad('The form has no part behind its boundary.')
  for (;;) {
    const from = at + mark.length + 2
    if (bytes.toString('latin1', from, from + 2) === '--') return { fields, files }
    const end = bytes.indexOf(`\r\n--${mark}`, from)
    const headEnd = bytes.indexOf('\r\n\r\n', from)
    if (end === -1 || headEnd === -1 || headEnd > end) throw bad('The form ends before its time.')
    const head = bytes.toString('utf8', from, headEnd)
    const content = bytes.subarray(headEnd + 4, end)
    const name = /\bname="([^"]*)"/i.exec(head)?.[1] ?? ''
    if (/\bfilename="/i.test(head)) files.push({ name, content })
    else if (!fields.has(name)) fields.set(name, content.toString('utf8'))
    at = end + 2
  }
}
