/** Reads a request's body whole, within its limit: refused by its announced length before a byte is read, else as soon as it is too long. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { ByteRope } from '../bytes/byte-rope.ts'
import { RopeBuilder } from '../bytes/rope-builder.ts'
import { Fault } from '../model/fault.ts'

const empty = new Uint8Array(0)
/** Form bodies carry no JSON; saying so beats a syntax error at column one. But curl calls everything a form, JSON too. */
const formTypes = /^\s*(?:multipart\/form-data|application\/x-www-form-urlencoded)/i
const openBrace = 0x7b

/** Bodies up to this many bytes are put together: the copy is cheap, and whole bodies are less to deal with. */
const shortBody = 64 * 1024

/** The event that ends the reading of a body with a fault. */
const brokenOff = Symbol('body broken off')

/** Ends the reading of a body that will not come whole with this fault; false when nobody reads it. */
export function breakOffBody(request: IncomingMessage, fault: Fault): boolean {
  return !request.complete && request.emit(brokenOff, fault)
}

/** Hears of it. */
export function onBodyBrokenOff(request: IncomingMessage, hear: (fault: Fault) => void): void {
  request.on(brokenOff, hear)
}

/** What headers say of the body behind them. */
export interface AnnouncedBody {
  /** Bytes, where it is known. */
  readonly length: number | undefined
  readonly isForm: boolean
}

/** Throws where such a body is not to be read; `undefined` where none comes. */
export function announcedBody(headers: IncomingHttpHeaders, limit: number): AnnouncedBody | undefined {
  const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
  if (length !== undefined && length > limit) throw tooLarge(limit)
  if (length === 0 || (length === undefined && headers['transfer-encoding'] === undefined)) return undefined
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== '' && encoding.toLowerCase() !== 'identity') {
    throw new Fault(
      'invalid_encoding',
      `The gateway does not read bodies with content-encoding ${JSON.stringify(encoding)}: send the JSON as it is.`,
    )
  }
  return { length, isForm: headers['content-type'] !== undefined && formTypes.test(headers['content-type']) }
}

/** The body that was announced, put together where it is short; a fault when it is a form. */
export function receivedBody(
  received: Uint8Array | ByteRope,
  { isForm }: AnnouncedBody,
): Uint8Array | ByteRope | Fault {
  const body = received instanceof Uint8Array || received.length > shortBody ? received : received.whole()
  return isForm && !beginsAsJson(body) ? notJson() : body
}

export function readBody(request: IncomingMessage, limit: number): Uint8Array | Promise<Uint8Array | ByteRope> {
  const announced = announcedBody(request.headers, limit)
  if (announced === undefined) return empty
  return new Promise((resolve, reject) => {
    let only: Uint8Array | undefined
    let gathered: RopeBuilder | undefined
    let size = 0
    onBodyBrokenOff(request, reject)
    request.on('data', (chunk: Uint8Array) => {
      size += chunk.length
      if (size > limit) {
        request.removeAllListeners('data')
        request.resume()
        reject(tooLarge(limit))
        return
      }
      if (size === announced.length && size === chunk.length) only = chunk
      else (gathered ??= new RopeBuilder()).add(chunk)
    })
    request.on('end', () => {
      const body = receivedBody(only ?? gathered?.build() ?? empty, announced)
      if (body instanceof Fault) reject(body)
      else resolve(body)
    })
    request.on('error', (error) => reject(brokeOff(error)))
    request.on('close', () => {
      if (!request.complete) reject(brokeOff())
    })
  })
}

export const brokeOff = (cause?: Error): Fault =>
  new Fault('client_gone', 'The request broke off before its body was complete.', { cause })

function beginsAsJson(body: Uint8Array | ByteRope): boolean {
  const byte = (at: number): number | undefined => (body instanceof Uint8Array ? body[at] : body.byte(at))
  let at = 0
  while ((byte(at) ?? openBrace) <= 0x20) at += 1
  return byte(at) === openBrace
}

function notJson(): Fault {
  return new Fault('unsupported_media_type', 'The body must be JSON: send it with `content-type: application/json`.')
}

export function tooLarge(limit: number, key: 'body_limit' | 'upload_limit' = 'body_limit'): Fault {
  return new Fault(
    'body_too_large',
    `The body is larger than ${limit} bytes, the most this gateway takes (server.${key}).`,
  )
}
