/**
 * How a signed request reaches a provider and its answer comes back: pushed, with pause and resume, so that nothing is buffered
 * that the client does not take. The network is one transport; the simulator inside the process is another.
 */

export interface Outbound {
  readonly method: string
  /** Scheme, host and port. */
  readonly origin: string
  /** Path and query. */
  readonly path: string
  /** Lower-case names. */
  readonly headers: Record<string, string>
  /** In pieces where putting them together would copy a long body. */
  readonly body: Uint8Array | readonly Uint8Array[] | null
}

/** The whole body of a request, for those who have to read or sign it. */
export function wholeBody({ body }: Outbound): Uint8Array {
  if (body === null) return new Uint8Array(0)
  return body instanceof Uint8Array ? body : Buffer.concat(body)
}

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
}

export interface Transport extends AsyncDisposable {
  dispatch(outbound: Outbound, handler: TransportHandler): TransportCall
}
