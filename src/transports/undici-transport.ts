/**
 * The network: undici's pools under the transport contract. HTTP/1.1 with keep-alive, one request at a time per connection,
 * pushed with back-pressure to the socket, no redirects, and no timeouts but the one for connecting: deadlines are the pipeline's.
 */
import { isIP } from 'node:net'
import { Readable } from 'node:stream'
import { getCACertificates } from 'node:tls'
import { buildConnector } from 'undici'
import type { Dispatcher } from 'undici'
import type { Outbound, Transport, TransportCall, TransportHandler } from '../kernel/transport.ts'
import { isBodySource, TransportError } from '../kernel/transport.ts'
import { contentEncodingOf, ContentDecoder } from './content-decoder.ts'
import { OriginPools } from './origin-pools.ts'
import type { OriginPool } from './origin-pools.ts'
import { permittedLookup, refusedAddress } from './permitted-lookup.ts'
import type { PermitAddress } from './permitted-lookup.ts'
import { transportErrorOf } from './transport-failure.ts'

export interface UndiciTransportOptions {
  /** Connections to one origin; further calls wait for a free one. Default 256. */
  readonly connections?: number
  /** Milliseconds for DNS, TCP and TLS together. Default 10 s. */
  readonly connectTimeout?: number
  /** Milliseconds that an idle connection is kept, unless the server says otherwise. Default 15 s. */
  readonly keepAliveTimeout?: number
  /** Origins with a pool of their own; idle ones beyond that are closed. Default 256. */
  readonly maxOrigins?: number
  /** Bytes of an answer's head. Default 64 KiB. */
  readonly maxHeaderSize?: number
  readonly tls?: {
    /** PEM certificates of authorities trusted besides the well-known ones. */
    readonly ca?: readonly string[]
    /** Accept certificates that prove nothing. Needs `warn`, so that it cannot be off unnoticed. */
    readonly rejectUnauthorized?: boolean
  }
  /** Told once when certificates are not checked. */
  readonly warn?: (message: string) => void
  /** Whether an address may be connected to, asked after DNS for every connection. Default: every address. */
  readonly permitAddress?: PermitAddress
}

const aborted = new Error('aborted')

function tlsOptions({ tls, warn }: UndiciTransportOptions): { rejectUnauthorized: boolean; ca?: string[] } {
  const rejectUnauthorized = tls?.rejectUnauthorized ?? true
  if (!rejectUnauthorized) {
    if (warn === undefined)
      throw new TypeError('certificates can only be left unchecked where a warning about it is heard')
    warn('TLS certificates of providers are not checked: whoever is in between can read keys and prompts')
  }
  // Said outright, because Node would otherwise let an environment variable turn the check off without a word here.
  return { rejectUnauthorized, ...(tls?.ca !== undefined && { ca: [...getCACertificates('default'), ...tls.ca] }) }
}

function connectorOf(options: UndiciTransportOptions): buildConnector.connector {
  const permit = options.permitAddress
  const connect = buildConnector({
    ...tlsOptions(options),
    allowH2: false,
    timeout: options.connectTimeout ?? 10_000,
    ...(permit !== undefined && { lookup: permittedLookup(permit) }),
  })
  if (permit === undefined) return connect
  return (target, callback) => {
    // Sockets do not resolve what is an address already, so those are asked about here.
    const host = target.hostname.replace(/^\[|\]$/g, '')
    const family = isIP(host)
    if (family !== 0 && !permit(host, family)) callback(refusedAddress(host), null)
    else connect(target, callback)
  }
}

/** undici's parsed headers as one string per name; the very object, where they are that already. */
function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (Array.isArray(value)) headers[name] = value.join(', ')
    else if (value === undefined) delete headers[name]
  }
  return headers as Record<string, string>
}

/** One call: undici's handler and the pipeline's handle in one object. */
class Call implements TransportCall, Dispatcher.DispatchHandler {
  readonly #handler: TransportHandler
  readonly #pools: OriginPools
  readonly #entry: OriginPool
  #controller: Dispatcher.DispatchController | undefined
  #decoder: ContentDecoder | undefined
  /** The handler is told nothing more. */
  #over = false
  #released = false
  /** `dispatch` has returned, so the caller holds this call and may be told things. */
  #handedOut = false
  #paused = false
  #decoderFull = false
  /** What arrived although the call was paused: the socket's own buffer, when the server closed behind it. */
  #held: Uint8Array[] | undefined
  /** How the answer ended while something was still held or being decoded; `null` for well. */
  #ending: TransportError | null | undefined

  constructor(handler: TransportHandler, pools: OriginPools, entry: OriginPool) {
    this.#handler = handler
    this.#pools = pools
    this.#entry = entry
  }

  pause(): void {
    this.#paused = true
    this.#controller?.pause()
    this.#decoder?.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    const held = this.#held
    this.#held = undefined
    for (const [index, chunk] of (held ?? []).entries()) {
      if (this.#over) return
      if (this.#paused) {
        this.#held = held?.slice(index)
        return
      }
      this.#handler.onData(chunk)
    }
    if (this.#over || this.#paused) return
    if (this.#ending !== undefined && this.#decoder === undefined) return this.#finish(this.#ending)
    this.#decoder?.resume()
    this.#letSocketFlow()
  }

  abort(): void {
    if (this.#over) return
    this.#over = true
    this.#held = undefined
    this.#decoder?.destroy()
    // A call that still waits for a connection has no controller; it is dropped the moment it would begin.
    this.#controller?.abort(aborted)
    this.#release()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#over) controller.abort(aborted)
    else if (this.#paused) controller.pause()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    raw: Record<string, string | string[] | undefined>,
  ): void {
    // Interim answers (103 Early Hints) say nothing that matters here.
    if (this.#over || status < 200) return
    const headers = flatten(raw)
    const encoding = contentEncodingOf(headers['content-encoding'])
    if (encoding === null) {
      this.#fail(new TransportError('malformed', 'the answer has a content encoding that nobody asked for'))
      controller.abort(aborted)
      return
    }
    if (encoding !== undefined) {
      delete headers['content-encoding']
      delete headers['content-length']
      this.#decode(encoding)
    }
    this.#handler.onHead(status, headers)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#over) return
    if (this.#decoder !== undefined) this.#decoder.write(chunk)
    else if (this.#paused || this.#held !== undefined) (this.#held ??= []).push(chunk)
    else this.#handler.onData(chunk)
  }

  onResponseEnd(): void {
    this.#release()
    if (this.#over) return
    this.#ending = null
    if (this.#decoder !== undefined) this.#decoder.end()
    else if (this.#held === undefined) this.#finish(null)
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#release()
    if (this.#over) return
    const failure = transportErrorOf(error)
    this.#ending = failure
    if (!this.#handedOut) return queueMicrotask(() => this.#fail(failure))
    if (this.#decoder !== undefined) this.#decoder.end()
    else if (this.#held === undefined) this.#finish(failure)
  }

  /** The caller has the call now. */
  handOut(): this {
    this.#handedOut = true
    return this
  }

  #decode(encoding: string): void {
    this.#decoder = new ContentDecoder(encoding, {
      onData: (chunk) => this.#handler.onData(chunk),
      onReady: (ready) => {
        this.#decoderFull = !ready
        if (ready) this.#letSocketFlow()
        else this.#controller?.pause()
      },
      onEnd: () => this.#finish(this.#ending ?? null),
      onCorrupt: (error) => {
        // A cut answer also ends its archive too early; then the cut is what happened.
        const failure =
          this.#ending ?? new TransportError('malformed', `the answer's ${encoding} encoding is corrupt`, error)
        this.#fail(failure)
        this.#controller?.abort(aborted)
        this.#release()
      },
    })
    if (this.#paused) this.#decoder.pause()
  }

  #letSocketFlow(): void {
    if (!this.#paused && !this.#decoderFull) this.#controller?.resume()
  }

  #finish(ending: TransportError | null): void {
    if (ending !== null) return this.#fail(ending)
    if (this.#over) return
    this.#over = true
    this.#handler.onEnd()
  }

  #fail(error: TransportError): void {
    if (this.#over) return
    this.#over = true
    this.#decoder?.destroy()
    this.#handler.onError(error)
  }

  #release(): void {
    if (this.#released) return
    this.#released = true
    this.#pools.release(this.#entry)
  }
}

/** A body in pieces is an iterable to undici, whose length it must be told. */
function optionsOf(outbound: Outbound): Dispatcher.DispatchOptions {
  const { method, path, headers, body } = outbound
  if (body === null || body instanceof Uint8Array) return outbound as Dispatcher.DispatchOptions
  if (isBodySource(body)) {
    if (body.pieces !== undefined) return optionsOf({ ...outbound, body: body.pieces })
    const told = body.length === undefined ? {} : { 'content-length': String(body.length) }
    return { method, path, headers: { ...headers, ...told }, body: Readable.from(body.open(), { objectMode: false }) }
  }
  const length = body.reduce((sum, piece) => sum + piece.length, 0)
  // Declared for streams alone; what undici asks of a body is that it can be iterated.
  const pieces = body as unknown as Dispatcher.DispatchOptions['body'] & {}
  return {
    method,
    path,
    headers: { ...headers, 'content-length': String(length) },
    body: pieces,
  }
}

const inert: TransportCall = { pause() {}, resume() {}, abort() {} }

export function undiciTransport(options: UndiciTransportOptions = {}): Transport {
  const pools = new OriginPools(
    {
      connect: connectorOf(options),
      connections: options.connections ?? 256,
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: options.keepAliveTimeout ?? 15_000,
      maxHeaderSize: options.maxHeaderSize ?? 65_536,
    },
    options.maxOrigins ?? 256,
  )
  let closed = false

  return {
    dispatch(outbound: Outbound, handler: TransportHandler): TransportCall {
      let call: Call
      try {
        if (closed) throw new TransportError('connect', 'the transport is closed')
        const entry = pools.acquire(outbound.origin)
        call = new Call(handler, pools, entry)
        // What undici finds wrong with the request itself it reports to the call, before this returns.
        entry.pool.dispatch(optionsOf(outbound), call)
      } catch (error) {
        queueMicrotask(() => handler.onError(transportErrorOf(error)))
        return inert
      }
      return call.handOut()
    },
    async [Symbol.asyncDispose]() {
      closed = true
      await pools.destroy(new TransportError('connect', 'the transport is closed'))
    },
  }
}
