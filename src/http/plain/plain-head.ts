/**
 * The head of a plain request: a POST of HTTP/1.1 with a length, and nothing in it that could be understood in two ways. Nearly all that a
 * gateway is asked is that. What is not comes back as `undefined`, and is Node's to read.
 */
import type { HeaderLines, HeaderReader } from '../../bytes/header-lines.ts'

export interface PlainHead {
  readonly url: string
  readonly headers: HeaderLines
  /** Bytes of the body. */
  readonly length: number
}

const requestLine = /POST (\/[\x21-\x7e]*) HTTP\/1\.1\r\n/y
const digits = /^\d{1,15}$/
/**
 * `text` is the head in latin1, its last line with its line end, without the empty line behind it. The reader is to refuse names that
 * come twice: those are for Node to judge, which has a rule for each.
 */
export function readPlainHead(text: string, lines: HeaderReader): PlainHead | undefined {
  requestLine.lastIndex = 0
  const url = requestLine.exec(text)?.[1]
  if (url === undefined) return undefined
  const headers = lines.read(text, requestLine.lastIndex)
  if (headers === undefined) return undefined
  const { host, connection, 'content-length': length } = headers
  if (host === undefined || length === undefined || !digits.test(length)) return undefined
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return undefined
  if (headers['transfer-encoding'] !== undefined || headers['expect'] !== undefined || headers['upgrade'] !== undefined)
    return undefined
  return { url, headers, length: Number(length) }
}
