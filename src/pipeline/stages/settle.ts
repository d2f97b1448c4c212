/**
 * The outermost stage behind authentication: whatever became of the exchange, exactly one record of it goes to the journal before
 * the client has the last byte, and from there to the sinks.
 */
import type { Clock } from '../../kernel/clock.ts'
import type { AnswerFacts } from '../../kernel/dialect.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { Reply, StreamReply, StreamSink, StreamSource, StreamSummary } from '../../kernel/reply.ts'
import type { Stage } from '../../kernel/stage.ts'
import { costOf } from '../../model/cost.ts'
import { asFault } from '../../model/fault.ts'
import type { Fault } from '../../model/fault.ts'
import type { ExchangeRecord, Outcome } from '../../model/record.ts'
import type { Usage } from '../../model/usage.ts'
import { inputEstimateOf } from '../input-estimate.ts'

export interface SettleContext {
  readonly clock: Clock
  /** Durable before it returns; never throws. */
  readonly journal: (record: ExchangeRecord) => void
  /** Called for every record, after the answer. */
  readonly publish: (record: ExchangeRecord) => void
}

export function settle(context: SettleContext): Stage {
  return {
    name: 'settle',
    access: 'head',
    async run(exchange, next) {
      let reply: Reply
      try {
        reply = await next()
      } catch (error) {
        const fault = asFault(error)
        conclude(context, exchange, {
          status: fault.status,
          outcome: exchange.gone ? 'client-gone' : 'fault',
          fault,
          facts: undefined,
          estimatedOutput: 0,
        })
        throw fault
      }
      exchange.answeredAt = context.clock.monotonic()
      exchange.overhead = overheadOf(exchange, exchange.answeredAt)
      if (reply.kind === 'stream') return settleAtEnd(context, exchange, reply)
      conclude(context, exchange, {
        status: reply.status,
        outcome: reply.fault === undefined ? 'ok' : 'fault',
        fault: reply.fault,
        facts: reply.facts,
        estimatedOutput: 0,
      })
      return reply
    },
  }
}

function settleAtEnd(context: SettleContext, exchange: Exchange, reply: StreamReply): StreamReply {
  const { source } = reply
  const settling: StreamSource = {
    start(sink) {
      const watched: StreamSink = {
        write: (chunk) => sink.write(chunk),
        end(summary: StreamSummary) {
          conclude(context, exchange, { status: reply.status, ...summary, fault: summary.fault })
          sink.end(summary)
        },
      }
      source.start(watched)
    },
    resume: () => source.resume(),
  }
  return { ...reply, source: settling }
}

interface Ending {
  readonly status: number
  readonly outcome: Outcome
  readonly fault: Fault | undefined
  readonly facts: AnswerFacts | undefined
  readonly estimatedOutput: number
}

function conclude({ clock, journal, publish }: SettleContext, exchange: Exchange, ending: Ending): void {
  exchange.recorded = true
  account(exchange, ending)
  const record = recordOf(exchange, ending, clock.monotonic())
  journal(record)
  for (const settlement of exchange.settlements) settlement(record)
  publish(record)
}

/** What the answer consumed and cost: nothing when no provider answered, an estimate when it did not say. */
function account(exchange: Exchange, { facts, outcome, estimatedOutput }: Ending): void {
  const { deployment } = exchange
  if (facts === undefined || deployment === undefined || exchange.surface.operation !== 'chat') return
  if (outcome === 'fault' && facts.usage === undefined) return
  exchange.usage = completeUsage(exchange, facts.usage, outcome, estimatedOutput)
  if (deployment.price === undefined) {
    exchange.unpriced = true
    return
  }
  const { total, missing } = costOf(exchange.usage, deployment.price)
  exchange.cost = total
  exchange.unpriced = missing !== undefined && missing.length > 0
}

function completeUsage(exchange: Exchange, told: Usage | undefined, outcome: Outcome, estimatedOutput: number): Usage {
  if (told === undefined)
    return { input: { total: inputEstimateOf(exchange) }, output: { total: estimatedOutput }, estimated: true }
  // A stream that ended early has told its input, but not what it had written by then.
  if (outcome !== 'ok' && estimatedOutput > told.output.total) {
    return { ...told, output: { ...told.output, total: estimatedOutput }, estimated: true }
  }
  return told
}

function recordOf(exchange: Exchange, ending: Ending, now: number): ExchangeRecord {
  const { key, head, deployment, attempts, lost, usage, cost, answeredAt } = exchange
  return {
    id: exchange.id,
    requestId: exchange.requestId,
    at: exchange.at,
    surface: exchange.surface.id,
    operation: exchange.surface.operation,
    ...(key !== undefined && { keyId: key.id, keyName: key.name }),
    ...(head.endUser !== undefined && { endUser: head.endUser }),
    ...(head.model !== '' && { modelAsked: head.model }),
    ...(deployment !== undefined && {
      deployment: deployment.id,
      provider: deployment.provider,
      modelServed: ending.facts?.model ?? deployment.model,
    }),
    stream: head.stream,
    attempts,
    ...(usage !== undefined && { usage: withoutRaw(usage) }),
    ...(cost !== undefined && { cost }),
    ...(exchange.unpriced && { unpriced: true }),
    ...(answeredAt !== undefined && { firstByteMs: round(answeredAt - exchange.startedAt) }),
    durationMs: round(now - exchange.startedAt),
    overheadMs: answeredAt === undefined ? overheadOf(exchange, now) : exchange.overhead,
    ...(ending.facts?.finish !== undefined && { finish: ending.facts.finish.reason }),
    status: ending.status,
    outcome: ending.outcome,
    ...(ending.fault !== undefined && { fault: ending.fault.code }),
    ...(lost.length > 0 && { lost: lost.map(({ path }) => path) }),
  }
}

function withoutRaw(usage: Usage): Omit<Usage, 'raw'> {
  const { raw: _, ...rest } = usage
  return rest
}

/** Milliseconds since the body was there that were not spent waiting for providers. */
export function overheadOf(exchange: Exchange, now: number): number {
  const since = exchange.receivedAt === 0 ? exchange.startedAt : exchange.receivedAt
  return round(Math.max(0, now - since - exchange.waited))
}

const round = (value: number): number => Math.round(value * 1000) / 1000
