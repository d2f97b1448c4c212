/**
 * A route whose requests are exchanges like those of the data plane, although no model answers: they pass the key's limits and are on
 * record. Writes what the work answers, and turns its faults into the client's protocol.
 */
import type { Clock } from '../kernel/clock.ts'
import type { AnyDialect } from '../kernel/deployment.ts'
import { Exchange } from '../kernel/exchange.ts'
import type { Plan } from '../kernel/plan.ts'
import type { BytesReply, Reply } from '../kernel/reply.ts'
import { asFault } from '../model/fault.ts'
import type { Fault } from '../model/fault.ts'
import type { Run } from '../pipeline/compose.ts'
import { sendFault } from './fault-response.ts'
import { nextExchangeId } from './request-id.ts'
import type { Route, RouteCall } from './route.ts'
import { answerHeaders, urlKeyOf, writeReply } from './serve-exchange.ts'

export interface ErrandContext {
  readonly clock: Clock
  readonly plan: () => Plan
  /** Puts the stages around the work that all such requests have. */
  readonly errand: (work: Run) => Run
  /** The protocol of faults and of limits in headers. */
  readonly dialect: AnyDialect
  /** Milliseconds after which a client that takes nothing is given up. */
  readonly flushTimeout: number
  readonly onDefect: (fault: Fault, requestId: string) => void
  readonly onRefused: (fault: Fault) => void
}

export type Work = (call: RouteCall, exchange: Exchange) => Reply | Promise<Reply>

/** `operation` is what records show. */
export function errandRoutes(context: ErrandContext, operation: 'file' | 'fine-tune') {
  return (method: Route['method'], path: string, work: Work): Route => ({
    method,
    path,
    counts: true,
    handle: (call) => serve(context, { id: `${method} ${path}`, operation, dialect: context.dialect }, call, work),
  })
}

async function serve(context: ErrandContext, surface: Exchange['surface'], call: RouteCall, work: Work): Promise<void> {
  const { clock, plan, flushTimeout } = context
  const { request, response, requestId } = call
  const at = clock.now()
  const urlKey = urlKeyOf(request.url)
  const exchange = new Exchange({
    id: nextExchangeId(at),
    requestId,
    surface,
    plan: plan(),
    headers: request.headers,
    at,
    startedAt: clock.monotonic(),
    receive: () => new Uint8Array(0),
    ...(urlKey !== undefined && { urlKey }),
  })
  response.on('close', () => {
    if (!response.writableFinished) exchange.abandon()
  })
  const run = context.errand(async (each) => await work(call, each))
  try {
    const reply = await run(exchange)
    if (exchange.gone && reply.kind === 'bytes') return
    writeReply(exchange, reply, response, flushTimeout)
  } catch (error) {
    const fault = asFault(error)
    if (fault.code === 'internal_error') context.onDefect(fault, requestId)
    if (!exchange.recorded) context.onRefused(fault)
    sendFault(response, surface.dialect.fault, fault, requestId, answerHeaders(exchange))
  }
}

export const jsonReply = (json: unknown): BytesReply => ({
  kind: 'bytes',
  status: 200,
  contentType: 'application/json',
  bytes: JSON.stringify(json),
})
