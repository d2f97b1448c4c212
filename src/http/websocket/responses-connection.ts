/**
 * One WebSocket connection in the Responses API's WebSocket mode. Every message runs the way of a POST, with its own exchange: the
 * same key, limits and records. https://developers.openai.com/api/docs/guides/websocket-mode
 */
import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { Exchange } from '../../kernel/exchange.ts'
import type { Plan } from '../../kernel/plan.ts'
import { textOf } from '../../kernel/reply.ts'
import { Fault, asFault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { attachSession, markWarmup } from '../../pipeline/responses/session.ts'
import { parseObject } from '../../pipeline/responses/response-json.ts'
import { nextExchangeId } from '../request-id.ts'
import { urlKeyOf } from '../serve-exchange.ts'
import type { ServedSurface } from '../surface-table.ts'
import { readMessage } from './client-message.ts'
import type { CreateMessage } from './client-message.ts'
import { ConnectionMemory } from './connection-memory.ts'
import { Lanes } from './lanes.ts'
import { sendStream } from './socket-sink.ts'

export interface ConnectionContext {
  readonly clock: Clock
  readonly plan: () => Plan
  readonly served: ServedSurface
  readonly bodyLimit: number
  /** Milliseconds. */
  readonly maxAge: number
  readonly pingInterval: number
  /** Takes a place among the requests in flight and gives what leaves it; throws a Fault when there is none. */
  readonly enter: () => () => void
  readonly onDefect: (fault: Fault, requestId: string) => void
  readonly onRefused: (fault: Fault) => void
}

const goingAway = 1001
const normal = 1000

export class ResponsesConnection {
  readonly #context: ConnectionContext
  readonly #socket: WebSocket
  readonly #request: IncomingMessage
  readonly #lanes: Lanes
  readonly #memory: ConnectionMemory
  readonly #running = new Set<Exchange>()
  readonly #age: Timer
  #ping: Timer
  #alive = true
  /** Why nothing new is taken, once that is so. */
  #closing: Fault | undefined

  constructor(context: ConnectionContext, socket: WebSocket, request: IncomingMessage) {
    this.#context = context
    this.#socket = socket
    this.#request = request
    this.#lanes = new Lanes({ maxWaitingBytes: context.bodyLimit })
    this.#memory = new ConnectionMemory(context.bodyLimit)
    this.#age = context.clock.after(context.maxAge, () => this.#expire())
    this.#ping = context.clock.after(context.pingInterval, () => this.#checkLife())
    socket.on('message', (data, isBinary) => this.#take(data as Buffer, isBinary))
    socket.on('pong', () => {
      this.#alive = true
    })
    socket.on('close', () => this.#end())
    // What is wrong with a frame has closed the connection already, with the right code.
    socket.on('error', () => {})
  }

  /** Lets what runs finish and closes then. */
  drain(): void {
    this.#closeWith(new Fault('draining', 'The gateway is shutting down: connect again.'), goingAway)
  }

  /** Closes at once. What runs is settled before: there may be nothing to settle it with afterwards. */
  terminate(): void {
    this.#end()
    this.#socket.close(goingAway, this.#closing?.code ?? 'draining')
  }

  #take(data: Buffer, isBinary: boolean): void {
    this.#alive = true
    let message: CreateMessage | undefined
    try {
      if (isBinary) throw new Fault('invalid_json', 'Messages must be JSON in text frames.')
      message = readMessage(data)
      if (this.#closing !== undefined) throw this.#closing
      const taken = message
      this.#lanes.add(message.lane, { size: data.length, run: () => this.#run(taken) })
    } catch (error) {
      const fault = asFault(error)
      this.#context.onRefused(fault)
      this.#tellFault(fault, message?.lane ?? '')
    }
  }

  async #run({ body, lane, warmup }: CreateMessage): Promise<void> {
    const { clock, served, plan, enter } = this.#context
    const { surface, run } = served
    const at = clock.now()
    const id = nextExchangeId(at)
    const urlKey = urlKeyOf(this.#request.url)
    const exchange = new Exchange({
      id,
      requestId: id,
      surface,
      plan: plan(),
      headers: this.#request.headers,
      at,
      startedAt: clock.monotonic(),
      receive: () => body,
      ...(urlKey !== undefined && { urlKey }),
    })
    attachSession(exchange, this.#memory)
    if (warmup) markWarmup(exchange)
    let leave: (() => void) | undefined
    try {
      leave = enter()
      this.#running.add(exchange)
      const reply = await run(exchange)
      if (reply.kind === 'stream') await sendStream(this.#socket, reply, (event) => inLane(event, lane))
      else this.#tellRefusal(reply.status, textOf(reply), lane)
    } catch (error) {
      const fault = asFault(error)
      if (fault.code === 'internal_error') this.#context.onDefect(fault, exchange.requestId)
      if (!exchange.recorded) this.#context.onRefused(fault)
      this.#tellFault(fault, lane)
    } finally {
      this.#running.delete(exchange)
      leave?.()
    }
  }

  #tellFault(fault: Fault, lane: string): void {
    const { status, json } = this.#context.served.surface.dialect.fault.encode(fault, '')
    this.#tellError(status, isJsonObject(json) ? json : {}, lane)
  }

  /** A provider's own refusal. */
  #tellRefusal(status: number, text: string, lane: string): void {
    this.#tellError(status, parseObject(text) ?? {}, lane)
  }

  #tellError(status: number, { error }: JsonObject, lane: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.send(JSON.stringify({ type: 'error', status, error, ...(lane !== '' && { stream_id: lane }) }))
  }

  #expire(): void {
    const fault = new Fault(
      'websocket_connection_limit_reached',
      'The connection has lasted as long as it may. Open a new one to go on.',
    )
    this.#tellFault(fault, '')
    this.#closeWith(fault, normal)
  }

  #closeWith(reason: Fault, code: number): void {
    if (this.#closing !== undefined) return
    this.#closing = reason
    this.#lanes.clear()
    this.#lanes.whenIdle(() => this.#socket.close(code, reason.code))
  }

  /** A client that gave no sign of life since the last time is gone. */
  #checkLife(): void {
    if (!this.#alive) {
      this.#socket.terminate()
      return
    }
    this.#alive = false
    this.#socket.ping()
    this.#ping = this.#context.clock.after(this.#context.pingInterval, () => this.#checkLife())
  }

  #end(): void {
    this.#age.cancel()
    this.#ping.cancel()
    this.#lanes.clear()
    for (const exchange of this.#running) exchange.abandon()
  }
}

function inLane(data: string, lane: string): string {
  if (lane === '') return data
  const event = parseObject(data)
  return event === undefined ? data : JSON.stringify({ ...event, stream_id: lane })
}
