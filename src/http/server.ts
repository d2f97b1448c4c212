/**
 * The HTTP server: node:http itself, because every layer between it and the pipeline costs more than the pipeline. Matches paths,
 * bounds everything a client can send, and drains on the way out.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { FaultCodec } from '../kernel/dialect.ts'
import type { Surface } from '../kernel/exchange.ts'
import { Fault, asFault } from '../model/fault.ts'
import type { Key } from '../model/key.ts'
import type { Run } from '../pipeline/compose.ts'
import { missingKey, presentedSecret } from '../pipeline/stages/authenticate.ts'
import type { Keys } from '../pipeline/stages/authenticate.ts'
import { sendFault, sendJson } from './fault-response.ts'
import { sendModel, sendModels } from './models.ts'
import { nextExchangeId, requestIdOf } from './request-id.ts'
import { serveExchange } from './serve-exchange.ts'
import type { ServeContext } from './serve-exchange.ts'

export interface ServedSurface {
  readonly surface: Surface
  readonly path: string
  readonly run: Run
}

export interface ServerLimits {
  readonly bodyLimit: number
  readonly headerLimit: number
  /** Milliseconds. */
  readonly requestTimeout: number
  readonly maxConnections: number
  readonly maxInFlight: number
}

export interface GatewayContext extends Omit<ServeContext, 'bodyLimit'> {
  readonly limits: ServerLimits
  readonly surfaces: readonly ServedSurface[]
  readonly keys: Keys
  readonly authRequired: () => boolean
  readonly metrics:
    | { readonly requireKey: boolean; render(): Promise<{ contentType: string; text: string }> }
    | undefined
  /** Why the gateway should get no requests at the moment, if so. */
  readonly unready: () => string | undefined
  /** Error shapes: Anthropic's for its own paths and clients, OpenAI's everywhere else. */
  readonly faults: { readonly openai: FaultCodec; readonly anthropic: FaultCodec }
}

export interface GatewayServer {
  listen(host: string, port: number): Promise<AddressInfo>
  readonly inFlight: number
  readonly connections: number
  readonly draining: boolean
  /** Refuses new requests, waits for running ones until `timeoutMs` is over, then closes whatever is left. */
  drain(timeoutMs: number): Promise<void>
}

const keepAliveTimeout = 75_000

export function createGatewayServer(context: GatewayContext): GatewayServer {
  const { limits } = context
  const serve: ServeContext = { ...context, bodyLimit: limits.bodyLimit }
  const surfaces = new Map(context.surfaces.map((served) => [served.path, served]))
  const sockets = new Set<Socket>()
  let inFlight = 0
  let draining = false
  let idle: (() => void) | undefined

  const server: Server = createServer(
    {
      maxHeaderSize: limits.headerLimit,
      requestTimeout: limits.requestTimeout,
      headersTimeout: Math.min(limits.requestTimeout, 60_000),
      keepAliveTimeout,
      connectionsCheckingInterval: 5000,
      noDelay: true,
      highWaterMark: 65_536,
    },
    (request, response) => {
      inFlight += 1
      response.on('close', () => {
        inFlight -= 1
        if (draining && inFlight === 0) idle?.()
      })
      handle(request, response).catch((error: unknown) => refuse(request, response, asFault(error)))
    },
  )
  server.maxConnections = limits.maxConnections
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    refuseMalformed(context.faults.openai, error, socket),
  )

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/'
    const question = url.indexOf('?')
    const path = question === -1 ? url : url.slice(0, question)
    const served = surfaces.get(path)
    if (served !== undefined) {
      allow(request, 'POST')
      admitNow()
      await serveExchange(serve, served.surface, served.run, request, response)
      return
    }
    await handleOther(request, response, path)
  }

  async function handleOther(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const id = ['x-request-id', requestIdOf(request.headers['x-request-id'], nextExchangeId(context.clock.now()))]
    switch (path) {
      case '/health':
        allow(request, 'GET')
        sendJson(response, 200, { status: 'ok' }, id)
        return
      case '/ready': {
        allow(request, 'GET')
        const reason = draining ? 'draining' : context.unready()
        sendJson(
          response,
          reason === undefined ? 200 : 503,
          reason === undefined ? { status: 'ready' } : { status: 'unready', reason },
          id,
        )
        return
      }
      case '/metrics': {
        if (context.metrics === undefined) break
        allow(request, 'GET')
        if (context.metrics.requireKey) identify(request)
        const { contentType, text } = await context.metrics.render()
        response.writeHead(200, ['content-type', contentType, ...id])
        response.end(text)
        return
      }
      case '/v1/models': {
        allow(request, 'GET')
        sendModels(context.plan(), identify(request), request, response, id)
        return
      }
      default:
        if (path.startsWith('/v1/models/')) {
          allow(request, 'GET')
          sendModel(
            context.plan(),
            identify(request),
            decodedPath(path.slice('/v1/models/'.length)),
            request,
            response,
            id,
          )
          return
        }
    }
    throw new Fault(
      'unknown_route',
      `The gateway serves nothing at ${path.slice(0, 200)}. It serves ${[...surfaces.keys()].join(', ')}, /v1/models, /health, /ready and /metrics.`,
    )
  }

  function identify(request: IncomingMessage): Key | undefined {
    const secret = presentedSecret({ header: (name) => first(request.headers[name]) })
    if (secret !== undefined) return context.keys.identify(secret)
    if (context.authRequired()) throw missingKey()
    return undefined
  }

  function admitNow(): void {
    if (draining)
      throw new Fault('draining', 'The gateway is shutting down: send the request again.', {
        headers: { connection: 'close' },
        retryAfterMs: 1000,
      })
    const reason = context.unready()
    if (reason !== undefined)
      throw new Fault('overloaded', `The gateway takes no requests at the moment: ${reason}.`, { retryAfterMs: 1000 })
    if (inFlight > limits.maxInFlight) {
      throw new Fault(
        'overloaded',
        `The gateway has ${limits.maxInFlight} requests in flight, as many as it accepts (server.max_in_flight).`,
        { retryAfterMs: 1000 },
      )
    }
  }

  function refuse(request: IncomingMessage, response: ServerResponse, fault: Fault): void {
    const path = request.url ?? '/'
    const anthropic = path.startsWith('/v1/messages') || request.headers['anthropic-version'] !== undefined
    const requestId = requestIdOf(request.headers['x-request-id'], nextExchangeId(context.clock.now()))
    if (fault.code === 'internal_error') context.onDefect(fault, requestId)
    context.onRefused(fault)
    sendFault(response, anthropic ? context.faults.anthropic : context.faults.openai, fault, requestId, [
      'x-request-id',
      requestId,
      'request-id',
      requestId,
    ])
  }

  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          resolve(server.address() as AddressInfo)
        })
      }),
    get inFlight() {
      return inFlight
    },
    get connections() {
      return sockets.size
    },
    get draining() {
      return draining
    },
    async drain(timeoutMs) {
      draining = true
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      server.closeIdleConnections()
      if (inFlight > 0) {
        await new Promise<void>((resolve) => {
          idle = resolve
          context.clock.after(timeoutMs, resolve)
        })
      }
      server.closeAllConnections()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function allow(request: IncomingMessage, method: string): void {
  if (request.method === method || (method === 'GET' && request.method === 'HEAD')) return
  throw new Fault('method_not_allowed', `This path takes ${method}, not ${request.method ?? 'that'}.`, {
    headers: { allow: method },
  })
}

function decodedPath(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

/** Answers what is not even HTTP; there is no request to answer, only a socket. */
function refuseMalformed(codec: FaultCodec, error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const fault = faultOfClientError(error)
  const { status, json } = codec.encode(fault, '')
  const body = JSON.stringify(json)
  socket.end(
    `HTTP/1.1 ${status} ${fault.code}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

function faultOfClientError(error: NodeJS.ErrnoException): Fault {
  if (error.code === 'HPE_HEADER_OVERFLOW')
    return new Fault(
      'headers_too_large',
      'The request headers are larger than this gateway takes (server.header_limit).',
    )
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Fault('request_timeout', 'The request did not arrive in time (server.request_timeout).')
  return new Fault('malformed_http', 'The request is not valid HTTP/1.1.')
}
