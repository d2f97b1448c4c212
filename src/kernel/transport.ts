/**
 * How a signed request reaches a provider and its answer comes back: pushed, with pause and resume, so that nothing is buffered
 * that the client does not take. The network is one transport; the simulator inside the process is another.
 */

/** A body that nobody holds in memory. It is read anew for each call, so that a second target gets the same. */
export interface BodySource {
  /** Bytes, where it is known beforehand; otherwise the body is sent in chunks. */
  readonly length?: number
  /** All of it, where it is so little that it is in memory after all. */
  readonly pieces?: readonly Uint8Array[]
  /** Left early (`return`) when the call ends before the body does. */
  open(): AsyncIterable<Uint8Array>
}

export interface Outbound {
  readonly method: string
  /** Scheme, host and port. */
  readonly origin: string
  /** Path and query. */
  readonly path: string
  /** Lower-case names. */
  readonly headers: Record<string, string>
  /** In pieces where putting them together would copy a long body. */
  readonly body: Uint8Array | readonly Uint8Array[] | BodySource | null
}

/** The whole body of a request, for those who have to read or sign it. Throws a TypeError for one that nobody holds. */
export function wholeBody({ body }: Outbound): Uint8Array {
  if (body === null) return new Uint8Array(0)
  if (body instanceof Uint8Array) return body
  if (isBodySource(body)) throw new TypeError('the body of this request is not in memory')
  return Buffer.concat(body)
}

export const isBodySource = (body: Outbound['body']): body is BodySource => body !== null && 'open' in body

export type TransportFailure = 'connect' | 'connect-timeout' | 'tls' | 'reset' | 'malformed' | 'refused-address'

export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly failure: TransportFailure

  constructor(failure: TransportFailure, message: string, cause?: unknown) {
    super(message, { cause })
    this.failure = failure
  }
}

export interface TransportHandler {
  /** Header names are lower-case; repeated ones are joined with ", ". */
  onHead(status: number, headers: Record<string, string>): void
  onData(chunk: Uint8Array): void
  onEnd(): void
  /** At most once, and nothing follows it. Not called after `abort`. */
  onError(error: TransportError): void
}

export interface TransportCall {
  pause(): void
  resume(): void
  /** Drops the call at once; the handler hears nothing more. */
  abort(): void
  /** The service makes what was asked for whether or not anybody waits for it, and will be paid. */
  readonly isMade?: boolean
}

export interface Transport extends AsyncDisposable {
  /** Carries a request as the one call that it is, for transports that make several of some. */
  readonly plain?: Transport
  /** It takes no body that is not in memory. */
  readonly wholeBody?: boolean
  dispatch(outbound: Outbound, handler: TransportHandler): TransportCall
}
