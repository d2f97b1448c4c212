/**
 * The network under the transport contract: HTTP/1.1 with keep-alive, one request at a time per connection, pushed with back-pressure
 * to the socket, no redirects, and no timeouts but the one for connecting: deadlines are the pipeline's. What is in memory goes over
 * connections of the gateway's own, a body that is read while it is sent over undici's.
 */
import type { Outbound, Transport, TransportCall, TransportHandler } from '../kernel/transport.ts'
import { isBodySource, TransportError } from '../kernel/transport.ts'
import { PendingCall } from './http1/call.ts'
import type { InMemory } from './http1/call.ts'
import { Connector } from './http1/connect.ts'
import type { ConnectOptions } from './http1/connect.ts'
import { Origin } from './http1/origin.ts'
import { NetworkCall } from './network-call.ts'
import { OriginPools } from './origin-pools.ts'
import type { PermitAddress } from './permitted-lookup.ts'
import { transportErrorOf } from './transport-failure.ts'
import { Uploads } from './uploads.ts'

export interface NetworkTransportOptions {
  /** Connections to one origin; further calls wait for a free one. Default 256. */
  readonly connections?: number
  /** Milliseconds for DNS, TCP and TLS together. Default 10 s. */
  readonly connectTimeout?: number
  /** Milliseconds that an idle connection is kept, unless the server says otherwise. Default 15 s. */
  readonly keepAliveTimeout?: number
  /** Milliseconds after which a connection takes no more requests, so that a name's new address is noticed. Default 10 min. */
  readonly maxConnectionAge?: number
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

const inert: TransportCall = { pause() {}, resume() {}, abort() {} }
/** Milliseconds between two looks for connections that have been idle for too long. */
const sweepEvery = 1000

export function networkTransport(options: NetworkTransportOptions = {}): Transport {
  const connecting = connectOptionsOf(options)
  const perOrigin = {
    connections: options.connections ?? 256,
    keepAlive: options.keepAliveTimeout ?? 15_000,
    maxAge: options.maxConnectionAge ?? 600_000,
    maxHead: options.maxHeaderSize ?? 65_536,
  }
  const mostOrigins = options.maxOrigins ?? 256
  const connector = new Connector(connecting)
  const origins = new OriginPools<Origin>((origin) => new Origin(origin, connector, perOrigin), {
    close: (origin) => origin.destroy(closed()),
    destroy: (origin, error) => origin.destroy(error),
    most: mostOrigins,
  })
  const uploads = new Uploads(connecting, perOrigin, mostOrigins)
  let isClosed = false
  let sweeping: NodeJS.Timeout | undefined

  /** Runs only while something lies idle. */
  function sweepSoon(): void {
    sweeping ??= setTimeout(() => {
      sweeping = undefined
      const now = performance.now()
      let more = false
      for (const origin of origins.all()) more = origin.sweep(now) || more
      if (more) sweepSoon()
    }, sweepEvery).unref()
  }

  function dispatchInMemory(outbound: InMemory, handler: TransportHandler): TransportCall {
    const entry = origins.acquire(outbound.origin)
    const call = new NetworkCall(handler)
    call.giveBack = () => {
      origins.release(entry)
      sweepSoon()
    }
    try {
      const length = lengthOf(outbound.body)
      const head = entry.pool.heads.write(outbound, length)
      const pending = new PendingCall(outbound, head, length, call)
      call.holdBy(pending)
      entry.pool.dispatch(pending)
    } catch (error) {
      call.onResponseError(undefined, error as Error)
    }
    return call.handOut()
  }

  function dispatch(outbound: Outbound, handler: TransportHandler): TransportCall {
    if (isClosed) throw closed()
    const { body } = outbound
    if (body === null || !isBodySource(body)) return dispatchInMemory(outbound as InMemory, handler)
    // A small file is in memory already.
    if (body.pieces !== undefined) return dispatchInMemory({ ...outbound, body: body.pieces }, handler)
    return uploads.dispatch({ ...outbound, body }, handler)
  }

  return {
    dispatch(outbound, handler) {
      try {
        return dispatch(outbound, handler)
      } catch (error) {
        queueMicrotask(() => handler.onError(transportErrorOf(error)))
        return inert
      }
    },
    async [Symbol.asyncDispose]() {
      isClosed = true
      clearTimeout(sweeping)
      await Promise.all([origins.destroy(closed()), uploads.destroy(closed())])
    },
  }
}

const closed = (): TransportError => new TransportError('connect', 'the transport is closed')

function connectOptionsOf({ tls, warn, connectTimeout, permitAddress }: NetworkTransportOptions): ConnectOptions {
  const rejectUnauthorized = tls?.rejectUnauthorized ?? true
  if (!rejectUnauthorized) {
    if (warn === undefined)
      throw new TypeError('certificates can only be left unchecked where a warning about it is heard')
    warn('TLS certificates of providers are not checked: whoever is in between can read keys and prompts')
  }
  return {
    timeout: connectTimeout ?? 10_000,
    rejectUnauthorized,
    ...(tls?.ca !== undefined && { ca: tls.ca }),
    ...(permitAddress !== undefined && { permitAddress }),
  }
}

function lengthOf(body: InMemory['body']): number {
  if (body === null) return 0
  return body instanceof Uint8Array ? body.length : body.reduce((sum, piece) => sum + piece.length, 0)
}
