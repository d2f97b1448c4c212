/**
 * Answers what is not even HTTP, or did not arrive in time. Node reports it with a socket and no request; whether there is somebody
 * to tell, and how, depends on what else is under way on that connection.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FaultCodec } from '../kernel/dialect.ts'
import { Fault } from '../model/fault.ts'
import { writeFault } from './fault-response.ts'
import { breakOffBody } from './read-body.ts'

/** Milliseconds that a client gets to read why its connection ends. */
const lingering = 2000
const answered = new WeakSet<Socket>()

export interface MalformedContext {
  readonly codec: FaultCodec
  readonly nextId: () => string
  /** Hears of requests that were turned away before they were on record. */
  readonly onRefused: (fault: Fault) => void
}

/** What is known of a connection. */
export interface Connection {
  /** The answers that are not finished, oldest first. */
  readonly open: ServerResponse[]
  /** The request that came last. */
  last: IncomingMessage | undefined
}

export function refuseMalformed(
  { codec, nextId, onRefused }: MalformedContext,
  error: NodeJS.ErrnoException,
  socket: Socket,
  { open, last }: Connection,
): void {
  // The parser complains again with every byte that follows.
  if (answered.has(socket)) return
  const [response] = open
  const latest = open.at(-1)
  const fault = faultOf(error)
  const hasAnswer = response === undefined ? last?.complete === false : response.headersSent
  if (latest?.req.complete === true && error.code !== 'ECONNRESET' && socket.writable) {
    // What follows is wrong, and what came before it is none the worse: it has its answer, and that is the last.
    answered.add(socket)
    latest.shouldKeepAlive = false
    latest.once('close', () => socket.destroySoon())
    socket.resume()
    return
  }
  if (error.code === 'ECONNRESET' || !socket.writable || open.length > 1 || hasAnswer) {
    // Words of ours would be taken for a part of the answer that is under way, or for that to another request.
    socket.destroy()
    return
  }
  if (response !== undefined) {
    // Its body is what is wrong, so it has an answer coming. Whoever ended the connection in the middle of a body waits for none.
    if (error.code !== 'HPE_INVALID_EOF_STATE' && breakOffBody(response.req, fault)) answered.add(socket)
    else socket.destroy()
    return
  }
  answered.add(socket)
  onRefused(fault)
  writeFault(socket, codec, fault, nextId())
  socket.resume()
  socket.setTimeout(lingering, () => socket.destroy())
}

const close = { headers: { connection: 'close' } } as const

function faultOf(error: NodeJS.ErrnoException): Fault {
  if (error.code === 'HPE_HEADER_OVERFLOW')
    return new Fault(
      'headers_too_large',
      'The request headers are larger than this gateway takes (server.header_limit).',
      close,
    )
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return tooSlow()
  return new Fault('malformed_http', 'The request is not valid HTTP/1.1.', close)
}

export const tooSlow = (): Fault =>
  new Fault('request_timeout', 'The request did not arrive in time (server.request_timeout).', close)
