/**
 * The HTTP server: a reader of plain requests, and behind it node:http for all others, because every layer more between them and the
 * pipeline costs more than the pipeline. Matches paths, bounds everything a client can send, and drains on the way out.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Fault, asFault } from '../model/fault.ts'
import type { Key } from '../model/key.ts'
import { missingKey, presentedSecret } from '../pipeline/stages/authenticate.ts'
import type { Keys } from '../pipeline/stages/authenticate.ts'
import type { Run } from '../pipeline/compose.ts'
import type { Answer } from './answer.ts'
import { sendFault, sendJson, writeFault } from './fault-response.ts'
import { refuseMalformed } from './malformed.ts'
import type { Connection } from './malformed.ts'
import type { PlainAnswer } from './plain/plain-answer.ts'
import type { PlainBody } from './plain/plain-body.ts'
import type { PlainHead } from './plain/plain-head.ts'
import { createPlainLine } from './plain/plain-line.ts'
import { matchPassPath } from './pass-through/pass-paths.ts'
import { servePassage } from './pass-through/serve-passage.ts'
import { protocolOf } from './protocol.ts'
import type { ProtocolFaults } from './protocol.ts'
import { nextExchangeId, requestIdOf } from './request-id.ts'
import { RouteTable } from './route.ts'
import type { Route } from './route.ts'
import { askedThroughNode, serveExchange, urlKeyOf } from './serve-exchange.ts'
import type { ServeContext } from './serve-exchange.ts'
import { SurfaceTable } from './surface-table.ts'
import type { ServedSurface } from './surface-table.ts'
import { createUpgrades } from './websocket/upgrades.ts'
import type { WebSocketSettings } from './websocket/upgrades.ts'

export interface ServerLimits {
  readonly bodyLimit: number
  readonly uploadLimit: number
  readonly headerLimit: number
  /** Milliseconds. */
  readonly requestTimeout: number
  readonly maxConnections: number
  readonly maxInFlight: number
}

export interface GatewayContext extends Omit<ServeContext, 'bodyLimit' | 'uploadLimit' | 'flushTimeout'> {
  readonly limits: ServerLimits
  readonly surfaces: readonly ServedSurface[]
  readonly routes: readonly Route[]
  /** What serves requests for providers' own paths. */
  readonly pass: Run
  /** The surface that is served on WebSocket connections to its path, too. */
  readonly webSocket: WebSocketSettings & { readonly served: ServedSurface }
  readonly keys: Keys
  readonly authRequired: () => boolean
  readonly metrics:
    | { readonly requireKey: boolean; render(): Promise<{ contentType: string; text: string }> }
    | undefined
  /** Why the gateway should get no requests at the moment, if so. */
  readonly unready: () => string | undefined
  readonly faults: ProtocolFaults
}

export interface GatewayServer {
  listen(host: string, port: number): Promise<AddressInfo>
  readonly inFlight: number
  readonly connections: number
  readonly draining: boolean
  /**
   * Refuses new requests in words, waits for running ones until `timeoutMs` is over, then closes whatever is left. May be called
   * again, to wait no longer.
   */
  drain(timeoutMs: number): Promise<void>
}

/**
 * What the end of a request must know of it. Those under way are counted and not kept in one set: its table grows old, and every answer
 * that an old table once held outlives the next collection.
 */
interface Visit {
  isLetIn: boolean
}

const keepAliveTimeout = 75_000
const unknown: Connection = { open: [], last: undefined }

export function createGatewayServer(context: GatewayContext): GatewayServer {
  const { limits } = context
  const serve: ServeContext = {
    ...context,
    bodyLimit: limits.bodyLimit,
    uploadLimit: limits.uploadLimit,
    flushTimeout: limits.requestTimeout,
  }
  const headersTimeout = Math.min(limits.requestTimeout, 60_000)
  const checkEvery = Math.min(5000, Math.ceil(limits.requestTimeout / 4))
  const surfaces = new SurfaceTable(context.surfaces)
  const routes = new RouteTable(context.routes)
  const sockets = new Map<Socket, Connection>()
  let inFlight = 0
  let draining = false
  let closed: Promise<void> | undefined
  let whenIdle: (() => void)[] = []

  const upgrades = createUpgrades({
    ...context,
    ...context.webSocket,
    bodyLimit: limits.bodyLimit,
    enter() {
      enter()
      return leave
    },
  })

  const server: Server = createServer(
    {
      shouldUpgradeCallback: (request) => upgrades.wants(request),
      maxHeaderSize: limits.headerLimit,
      requestTimeout: limits.requestTimeout,
      headersTimeout,
      keepAliveTimeout,
      connectionsCheckingInterval: checkEvery,
      noDelay: true,
      highWaterMark: 65_536,
      // Asked for in `handle`, which can say so in words.
      requireHostHeader: false,
    },
    (request, response) => {
      const connection = sockets.get(request.socket)
      if (connection !== undefined) {
        connection.last = request
        connection.open.push(response)
      }
      const visit: Visit = { isLetIn: false }
      response.on('close', () => {
        if (connection !== undefined) remove(connection.open, response)
        if (visit.isLetIn) leave()
      })
      handle(request, response, visit).catch((error: unknown) => refuse(request, response, error))
    },
  )
  server.maxConnections = limits.maxConnections
  // Their size is bounded; by their number Node would leave some out without a word.
  server.maxHeadersCount = 0
  const takeOver = server.listeners('connection') as ((socket: Socket) => void)[]
  const plain = createPlainLine({
    maxHead: limits.headerLimit,
    times: { request: limits.requestTimeout, first: headersTimeout, idle: keepAliveTimeout },
    checkEvery,
    serve: servePlain,
    handOver(socket) {
      for (const take of takeOver) take.call(server, socket)
    },
  })
  // Node is given a connection when there is something on it that needs Node.
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    sockets.set(socket, { open: [], last: undefined })
    socket.on('close', () => sockets.delete(socket))
    plain.take(socket)
  })
  server.on('upgrade', (request, socket, head) => {
    try {
      refuseWhenBusy()
      identify(request)
      upgrades.accept(request, socket, head)
    } catch (error) {
      const fault = asFault(error)
      const requestId = requestIdOf(request.headers['x-request-id'], nextExchangeId(context.clock.now()))
      if (fault.code === 'internal_error') context.onDefect(fault, requestId)
      context.onRefused(fault)
      // The client may be gone by the time that it is told.
      socket.on('error', () => socket.destroy())
      writeFault(socket, context.faults.openai, fault, requestId)
    }
  })
  const malformed = {
    codec: context.faults.openai,
    nextId: () => nextExchangeId(context.clock.now()),
    onRefused: context.onRefused,
  }
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    refuseMalformed(malformed, error, socket, sockets.get(socket) ?? unknown),
  )

  /** Serves the surfaces that take a body in memory, which are what is asked for day and night; false for all else. */
  function servePlain({ url, headers }: PlainHead, body: PlainBody, answer: PlainAnswer): boolean {
    const asked = { url, headers, socket: answer.socket, receive: () => body.read(limits.bodyLimit) }
    try {
      const match = surfaces.match(pathOf({ url }), url)
      if (match === undefined || match.served.surface.dialect.carries !== undefined) return false
      enter()
      answer.on('close', leave)
      serveExchange(serve, match, asked, answer).catch((error: unknown) => refuse(asked, answer, error))
    } catch (error) {
      refuse(asked, answer, error)
    }
    return true
  }

  async function handle(request: IncomingMessage, response: ServerResponse, visit: Visit): Promise<void> {
    const path = pathOf(request)
    if (request.headers.host === undefined && request.httpVersion === '1.1')
      throw new Fault('malformed_http', 'The request is not valid HTTP/1.1: it has no host header.', {
        headers: { connection: 'close' },
      })
    const match = surfaces.match(path, request.url ?? '/')
    if (match !== undefined && !isRoute(request, match.served.path)) {
      allow(request, 'POST')
      admitNow(visit)
      await serveExchange(serve, match, askedThroughNode(serve, match.served.surface, request), response)
      return
    }
    const passing = matchPassPath(path, (provider) => context.plan().passThrough(provider))
    if (passing !== undefined) {
      identify(request)
      admitNow(visit)
      await servePassage({ ...serve, run: context.pass }, passing, request, response)
      return
    }
    await handleOther(request, response, path, visit)
  }

  /** Some paths take orders as a surface, and questions as a route of the very same path. */
  function isRoute({ method = '' }: IncomingMessage, path: string): boolean {
    if (method === 'POST') return false
    const found = routes.find(method, path)
    return found !== undefined && 'route' in found && found.route.path === path
  }

  async function handleOther(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    visit: Visit,
  ): Promise<void> {
    const requestId = requestIdOf(request.headers['x-request-id'], nextExchangeId(context.clock.now()))
    const id = ['x-request-id', requestId, 'request-id', requestId]
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
      default:
    }
    const found = routes.find(request.method ?? '', path)
    if (found === undefined) {
      if (path.startsWith('/passthrough/')) {
        identify(request)
        throw new Fault(
          'unknown_route',
          'No provider of this name passes requests through (providers.NAME.pass_through.enabled): /passthrough/NAME/PATH is where one would.',
        )
      }
      throw new Fault(
        'unknown_route',
        `The gateway serves nothing at ${path.slice(0, 200)}. It serves ${[...surfaces.paths, ...routes.paths].join(', ')}, /health, /ready and /metrics.`,
      )
    }
    if ('allow' in found) throw notAllowed(request, found.allow)
    if (found.route.counts === true) admitNow(visit)
    const { url = '' } = request
    const question = url.indexOf('?')
    await found.route.handle({
      request,
      response,
      key: identify(request),
      params: found.params,
      query: new URLSearchParams(question === -1 ? '' : url.slice(question)),
      requestId,
      headers: id,
    })
  }

  function identify(request: IncomingMessage): Key | undefined {
    const secret = presentedSecret({ header: (name) => first(request.headers[name]), urlKey: urlKeyOf(request.url) })
    if (secret !== undefined) return context.keys.identify(secret)
    if (context.authRequired()) throw missingKey()
    return undefined
  }

  function admitNow(visit: Visit): void {
    enter()
    visit.isLetIn = true
  }

  /** Takes a place among what is in flight, which `leave` gives back. */
  function enter(): void {
    refuseWhenBusy()
    inFlight += 1
  }

  function leave(): void {
    inFlight -= 1
    if (inFlight > 0) return
    for (const resolve of whenIdle) resolve()
    whenIdle = []
  }

  function refuseWhenBusy(): void {
    if (draining)
      throw new Fault('draining', 'The gateway is shutting down: send the request again.', {
        headers: { connection: 'close' },
        retryAfterMs: 1000,
      })
    const reason = context.unready()
    if (reason !== undefined)
      throw new Fault('overloaded', `The gateway takes no requests at the moment: ${reason}.`, { retryAfterMs: 1000 })
    if (inFlight >= limits.maxInFlight) {
      throw new Fault(
        'overloaded',
        `The gateway has ${limits.maxInFlight} requests in flight, as many as it accepts (server.max_in_flight).`,
        { retryAfterMs: 1000 },
      )
    }
  }

  /** Resolves when no exchange is under way, or the time is over. */
  function quiet(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = context.clock.after(timeoutMs, resolve)
      whenIdle.push(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  function closeNow(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
    upgrades.close()
    plain.close()
    server.closeAllConnections()
    // What was written goes out first, unless the client does not take it.
    for (const socket of sockets.keys()) {
      if (socket.writableLength === 0) socket.destroySoon()
      else socket.destroy()
    }
    return ended
  }

  function refuse(request: Pick<IncomingMessage, 'url' | 'headers'>, response: Answer, error: unknown): void {
    const fault = asFault(error)
    const codec = context.faults[protocolOf(pathOf(request), request.headers)]
    const requestId = requestIdOf(request.headers['x-request-id'], nextExchangeId(context.clock.now()))
    if (fault.code === 'internal_error') context.onDefect(fault, requestId)
    context.onRefused(fault)
    sendFault(response, codec, fault, requestId, ['x-request-id', requestId, 'request-id', requestId])
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
      upgrades.drain()
      // Goes on listening meanwhile, and closes no idle connection on which a request may be on its way: who comes is told so.
      if (inFlight > 0 && timeoutMs > 0) await quiet(timeoutMs)
      closed ??= closeNow()
      await closed
    },
  }
}

/** There are more than one only where a client sends requests ahead. */
function remove<Item>(list: Item[], item: Item): void {
  const place = list.indexOf(item)
  if (place !== -1) list.splice(place, 1)
}

/** The path alone; proxies may send scheme and host before it. */
function pathOf({ url = '/' }: { readonly url?: string | undefined }): string {
  const target = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '')
  const question = target.indexOf('?')
  return question === -1 ? target : target.slice(0, question)
}

function allow(request: IncomingMessage, method: string): void {
  if (request.method === method || (method === 'GET' && request.method === 'HEAD')) return
  throw notAllowed(request, [method])
}

function notAllowed(request: IncomingMessage, methods: readonly string[]): Fault {
  return new Fault('method_not_allowed', `This path takes ${methods.join(' and ')}, not ${request.method ?? 'that'}.`, {
    headers: { allow: methods.join(', ') },
  })
}

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)
