/** Sends a fault in the protocol the client speaks, with the headers that help: when to try again, and under which id to ask. */
import type { Duplex } from 'node:stream'
import type { FaultCodec } from '../kernel/dialect.ts'
import type { Fault } from '../model/fault.ts'
import type { Answer } from './answer.ts'

/** Thirty days: what a provider says beyond that is no time to wait but a slip. */
const longestWait = 2_592_000

export function faultHeaders(fault: Fault): string[] {
  const headers: string[] = ['x-sluicegate-fault', fault.code]
  for (const name in fault.headers) headers.push(name, fault.headers[name] ?? '')
  if (fault.retryAfterMs !== undefined && fault.headers?.['retry-after'] === undefined)
    headers.push('retry-after', String(Math.min(longestWait, Math.max(1, Math.ceil(fault.retryAfterMs / 1000)))))
  return headers
}

export function sendFault(
  response: Answer,
  codec: FaultCodec,
  fault: Fault,
  requestId: string,
  headers: readonly string[] = [],
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const { status, json } = codec.encode(fault, requestId)
  sendJson(response, status, json, [...faultHeaders(fault), ...headers])
}

export function sendJson(response: Answer, status: number, json: unknown, headers: readonly string[] = []): void {
  sendJsonText(response, status, JSON.stringify(json), headers)
}

export function sendJsonText(response: Answer, status: number, text: string, headers: readonly string[] = []): void {
  const body = Buffer.from(text)
  response.writeHead(status, ['content-type', 'application/json', 'content-length', String(body.length), ...headers])
  response.end(body)
}

/** The same on a connection that has no answer of Node's to write it with; ends it. */
export function writeFault(socket: Duplex, codec: FaultCodec, fault: Fault, requestId: string): void {
  const { status, json } = codec.encode(fault, requestId)
  const body = JSON.stringify(json)
  const headers = [
    'content-type',
    'application/json',
    'content-length',
    String(Buffer.byteLength(body)),
    'x-request-id',
    requestId,
    'request-id',
    requestId,
    ...faultHeaders(fault),
  ]
  let head = `HTTP/1.1 ${status} ${fault.code}\r\n`
  for (let index = 0; index < headers.length; index += 2)
    head += `${headers[index] ?? ''}: ${headers[index + 1] ?? ''}\r\n`
  socket.end(`${head}\r\n${body}`)
}
