/**
 * Writes the head of a good answer in one piece. Node's `writeHead` looks at every header by itself, for the few that decide how the
 * connection goes on; an answer of the gateway has a dozen that do not. Those are joined here and handed over behind the status line,
 * to the method that `writeHead` itself calls; what a Node without it, or any other answer, gets is `writeHead`.
 */
import type { Answer } from './answer.ts'

interface Storing {
  statusCode?: number
  _storeHeader?(start: string, headers: readonly string[]): void
}

/** Node must see these to frame the body and to keep or close the connection. */
const framing = new Set([
  'connection',
  'content-length',
  'date',
  'expect',
  'keep-alive',
  'trailer',
  'transfer-encoding',
])
/** What no header may hold: with a line break in it, it would be two. */
const forbidden = /[^\t\x20-\x7e\x80-\xff]/

/** `headers` alternates names in lower case, which are the gateway's own, and values. */
export function writeHead(response: Answer, status: number, headers: readonly string[]): void {
  const storing = response as Answer & Storing
  if (status !== 200 || response.headersSent || storing._storeHeader === undefined) {
    response.writeHead(status, headers as string[])
    return
  }
  const framed: string[] = []
  let head = 'HTTP/1.1 200 OK\r\n'
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    const value = headers[index + 1] ?? ''
    if (framing.has(name)) framed.push(name, value)
    else if (forbidden.test(value)) throw new TypeError(`the header ${name} has characters that no header may have`)
    else head += `${name}: ${value}\r\n`
  }
  storing.statusCode = status
  storing._storeHeader(head, framed)
}
