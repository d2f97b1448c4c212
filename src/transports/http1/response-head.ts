/**
 * The head of an HTTP/1.1 answer, read from its text: status, headers, and what they say of the body and the connection. Strict
 * where two readers could disagree about where an answer ends, because the next answer on the connection is somebody else's.
 */
import type { HeaderLines, HeaderReader } from '../../bytes/header-lines.ts'

/** The answer is not HTTP as it may be relied on. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer'
}

export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  /** Ends with its connection. */
  | { readonly kind: 'close' }

export interface ResponseHead {
  readonly status: number
  /** Names in lower case; repeated ones are joined with ", ". */
  readonly headers: Record<string, string>
  readonly framing: Framing
  /** The server will take another request on this connection. */
  readonly keepAlive: boolean
  /** Milliseconds that the server says it keeps an idle connection. */
  readonly keepAliveMs: number | undefined
}

const statusLine = /HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?\r\n/y
const digits = /^\d{1,15}$/
const timeoutHint = /(?:^|[,;\s])timeout=(\d{1,9})(?:$|[,;\s])/i

const noBody: Framing = { kind: 'none' }
const chunked: Framing = { kind: 'chunked' }
const untilClose: Framing = { kind: 'close' }

/** `text` is the head in latin1, its last line with its line end, without the empty line behind it. Throws a MalformedAnswer. */
export function readResponseHead(text: string, isHead: boolean, lines: HeaderReader): ResponseHead {
  statusLine.lastIndex = 0
  const first = statusLine.exec(text)
  if (first === null) throw new MalformedAnswer('the status line is not one of HTTP/1.1')
  const status = Number(first[2])
  const headers = readHeaders(text, statusLine.lastIndex, lines)
  const { connection } = headers
  const isNewer = first[1] === '1'
  const saysKeep = connection === undefined ? isNewer : keeps(connection.toLowerCase(), isNewer)
  const framing = framingOf(headers, isNewer)
  const hint = headers['keep-alive']
  const keepAliveMs = hint === undefined ? undefined : hintOf(hint)
  if (!isHead && status !== 204 && status !== 304 && status >= 200)
    return { status, headers, framing, keepAlive: saysKeep && framing.kind !== 'close', keepAliveMs }
  // A body that must not be there may follow all the same, and would be taken for the next answer.
  const mayFollow = !isHead && (framing.kind === 'chunked' || (framing.kind === 'length' && framing.length > 0))
  return { status, headers, framing: noBody, keepAlive: saysKeep && !mayFollow, keepAliveMs }
}

/** The header lines from `at` to the end of the text. */
export function readHeaders(text: string, at: number, lines: HeaderReader): HeaderLines {
  const headers = lines.read(text, at)
  if (headers === undefined) throw new MalformedAnswer('a header is not well-formed')
  return headers
}

function framingOf(headers: Record<string, string>, isNewer: boolean): Framing {
  const encoding = headers['transfer-encoding']
  const length = headers['content-length']
  if (encoding !== undefined) {
    if (length !== undefined) throw new MalformedAnswer('the answer has both a content-length and a transfer-encoding')
    if (!isNewer) throw new MalformedAnswer('the answer has a transfer-encoding that HTTP/1.0 does not have')
    if (encoding.toLowerCase() !== 'chunked')
      throw new MalformedAnswer('the answer has a transfer-encoding other than chunked')
    return chunked
  }
  if (length === undefined) return untilClose
  // Of two, be they equal, one may have been meant for somebody else.
  if (!digits.test(length)) throw new MalformedAnswer('the content-length is not one number')
  return { kind: 'length', length: Number(length) }
}

function keeps(connection: string, isNewer: boolean): boolean {
  if (connection === 'keep-alive') return true
  const words = new Set(connection.split(',').map((word) => word.trim()))
  return !words.has('close') && (isNewer || words.has('keep-alive'))
}

function hintOf(header: string): number | undefined {
  const seconds = timeoutHint.exec(header)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}
