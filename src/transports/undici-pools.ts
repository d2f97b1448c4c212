/**
 * Requests whose body nobody holds in memory, over undici's pools: reading it while it is sent, in step with a server that takes it
 * slowly or answers before its end, is what undici does well and what small requests need nothing of.
 */
import { isIP } from 'node:net'
import { Readable } from 'node:stream'
import { getCACertificates } from 'node:tls'
import { buildConnector, Pool } from 'undici'
import type { Dispatcher } from 'undici'
import type { BodySource, Outbound } from '../kernel/transport.ts'
import type { AnswerHandler } from './http1/call.ts'
import type { ConnectOptions } from './http1/connect.ts'
import type { OriginOptions } from './http1/origin.ts'
import type { NetworkCall } from './network-call.ts'
import { OriginPools } from './origin-pools.ts'
import { permittedLookup, refusedAddress } from './permitted-lookup.ts'

/** What is sent over undici; loaded with it. */
export class UndiciPools {
  readonly #pools: OriginPools<Pool>

  constructor(connecting: ConnectOptions, perOrigin: OriginOptions, mostOrigins: number) {
    this.#pools = new OriginPools((origin) => undiciPool(origin, connecting, perOrigin), {
      close: (pool) => void pool.close(),
      destroy: (pool, error) => pool.destroy(error),
      most: mostOrigins,
    })
  }

  /** Throws when the origin is none. */
  dispatch(outbound: SourceOutbound, call: NetworkCall): void {
    const entry = this.#pools.acquire(outbound.origin)
    call.giveBack = () => this.#pools.release(entry)
    dispatchSource(entry.pool, outbound, call)
  }

  destroy(error: Error): Promise<void> {
    return this.#pools.destroy(error)
  }
}

export type SourceOutbound = Outbound & { readonly body: BodySource }

/** No timeouts but the one for connecting: deadlines are the pipeline's. */
function undiciPool(
  origin: string,
  connecting: ConnectOptions,
  { connections, keepAlive, maxHead }: OriginOptions,
): Pool {
  return new Pool(origin, {
    connect: connectorOf(connecting),
    connections,
    pipelining: 1,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: keepAlive,
    maxHeaderSize: maxHead,
  })
}

/** What undici finds wrong with the request itself it reports to the handler, before this returns. */
function dispatchSource(pool: Pool, { method, path, headers, body }: SourceOutbound, handler: AnswerHandler): void {
  const told = body.length === undefined ? {} : { 'content-length': String(body.length) }
  const stream = Readable.from(body.open(), { objectMode: false })
  pool.dispatch({ method, path, headers: { ...headers, ...told }, body: stream }, new FlatHeaders(handler))
}

function connectorOf({ timeout, rejectUnauthorized, ca, permitAddress }: ConnectOptions): buildConnector.connector {
  const connect = buildConnector({
    rejectUnauthorized,
    ...(ca !== undefined && { ca: [...getCACertificates('default'), ...ca] }),
    allowH2: false,
    timeout,
    ...(permitAddress !== undefined && { lookup: permittedLookup(permitAddress) }),
  })
  if (permitAddress === undefined) return connect
  return (target, callback) => {
    // Sockets do not resolve what is an address already, so those are asked about here.
    const host = target.hostname.replace(/^\[|\]$/g, '')
    const family = isIP(host)
    if (family !== 0 && !permitAddress(host, family)) callback(refusedAddress(host), null)
    else connect(target, callback)
  }
}

/** undici gives repeated headers as a list. */
class FlatHeaders implements Dispatcher.DispatchHandler {
  readonly #handler: AnswerHandler

  constructor(handler: AnswerHandler) {
    this.#handler = handler
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#handler.onRequestStart(controller)
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    const flat: Record<string, string> = {}
    for (const name of Object.keys(headers)) {
      const value = headers[name]
      if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
    }
    this.#handler.onResponseStart(controller, status, flat)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#handler.onResponseData(controller, chunk)
  }

  onResponseEnd(): void {
    this.#handler.onResponseEnd()
  }

  onResponseError(controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#handler.onResponseError(controller, error)
  }
}
