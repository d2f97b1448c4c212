/**
 * The outermost stage behind authentication: whatever became of the exchange, exactly one record of it goes to the journal before
 * the client has the last byte, and from there to the sinks.
 */
import { residencyText } from '../../model/place.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { AnswerFacts } from '../../kernel/dialect.ts'
import type { Exchange, UnfitAnswer } from '../../kernel/exchange.ts'
import type { BytesReply, Reply, StreamReply, StreamSink, StreamSource, StreamSummary } from '../../kernel/reply.ts'
import type { Stage } from '../../kernel/stage.ts'
import { costOf } from '../../model/cost.ts'
import { asFault } from '../../model/fault.ts'
import type { Fault } from '../../model/fault.ts'
import type { ExchangeRecord, Outcome } from '../../model/record.ts'
import { safetySummary } from '../../model/safety-summary.ts'
import type { Usage } from '../../model/usage.ts'
import { priceOf } from '../price-of.ts'
import { recordPaths, recordText } from '../record-text.ts'
import { sumOfUsage } from '../sum-of-usage.ts'
import { completeUsage, usageToPay } from '../usage-to-pay.ts'

export interface SettleContext {
  readonly clock: Clock
  /** Writes the record (as JSON) where a crash does not reach it, and calls back then. Never throws. */
  readonly journal: (json: string, written: () => void) => void
  /** Called for every record, also as JSON. */
  readonly publish: (record: ExchangeRecord, json: string) => void
}

export function settle(context: SettleContext): Stage {
  return {
    name: 'settle',
    async run(exchange, next) {
      let reply: Reply
      try {
        reply = await next()
      } catch (error) {
        const fault = asFault(error)
        const outcome = exchange.gone ? 'client-gone' : 'fault'
        conclude(
          context,
          exchange,
          { status: fault.status, outcome, fault, facts: undefined, estimatedOutput: 0 },
          nothing,
        )
        throw fault
      }
      exchange.answeredAt = context.clock.monotonic()
      exchange.overhead = overheadOf(exchange, exchange.answeredAt)
      if (reply.kind === 'stream') return settleAtEnd(context, exchange, reply)
      const { status, fault, facts } = reply
      const outcome = fault === undefined ? 'ok' : 'fault'
      const estimatedOutput = estimatedOutputOf(exchange, reply)
      await new Promise<void>((written) => {
        conclude(context, exchange, { status, outcome, fault, facts, estimatedOutput }, written)
      })
      return reply
    },
  }
}

/** Bytes of an answer to a token, whatever is around its text. */
const bytesPerToken = 4

/** Of a complete answer whose provider told no usage: it was written, so it is not free. */
function estimatedOutputOf({ surface }: Exchange, { bytes, facts }: BytesReply): number {
  if (surface.operation !== 'chat' || facts === undefined || facts.usage !== undefined) return 0
  return Math.ceil((typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length) / bytesPerToken)
}

function settleAtEnd(context: SettleContext, exchange: Exchange, reply: StreamReply): StreamReply {
  const { source } = reply
  const settling: StreamSource = {
    start(sink) {
      const watched: StreamSink = {
        write: (chunk) => sink.write(chunk),
        end(summary: StreamSummary) {
          conclude(context, exchange, { status: reply.status, ...summary, fault: summary.fault }, () =>
            sink.end(summary),
          )
        },
      }
      source.start(watched)
    },
    resume: () => source.resume(),
  }
  return { ...reply, source: settling }
}

const nothing = (): void => {}

interface Ending {
  readonly status: number
  readonly outcome: Outcome
  readonly fault: Fault | undefined
  readonly facts: AnswerFacts | undefined
  readonly estimatedOutput: number
}

function conclude(context: SettleContext, exchange: Exchange, ending: Ending, written: () => void): void {
  exchange.recorded = true
  account(exchange, ending)
  const { facts } = ending
  if (facts !== undefined) exchange.safety = safetySummary(facts.safety ?? [], facts.finish)
  const record = recordOf(exchange, ending, context.clock.monotonic())
  const json = JSON.stringify(record)
  context.journal(json, written)
  for (const settlement of exchange.settlements) settlement(record)
  context.publish(record, json)
}

/** What the answers consumed and cost: nothing when no provider answered, an estimate when it did not say. */
function account(exchange: Exchange, ending: Ending): void {
  if (exchange.surface.operation === 'count-tokens' || exchange.billedLater) return
  if (exchange.surface.operation === 'pass') return accountRequest(exchange, ending)
  const consumed = [...exchange.unfit, ...lastAnswer(exchange, ending)]
  if (consumed.length === 0) return
  exchange.usage = sumOfUsage(consumed.map(({ usage }) => usage))
  // Each at its own price: what an answer costs may depend on how much it took by itself.
  for (const { deployment, usage } of consumed) {
    const price = priceOf(exchange, deployment)
    if (price === undefined) {
      exchange.unpriced = true
      continue
    }
    const { total, missing } = costOf(usageToPay(exchange, usage, price), price)
    exchange.cost = (exchange.cost ?? 0) + total
    deployment.signals.spent(total)
    exchange.unpriced ||= missing !== undefined
  }
}

/** Of a request that nothing is known of but that it was answered: what any such request costs. */
function accountRequest(exchange: Exchange, { outcome, facts }: Ending): void {
  const { deployment } = exchange
  if (deployment === undefined || !mayHaveConsumed(exchange, outcome, facts)) return
  const price = deployment.priceAt(exchange.at)
  if (price === undefined) exchange.unpriced = true
  else exchange.cost = costOf({ input: { total: 0 }, output: { total: 0 } }, price).total
}

/** The answer that the client got, or that it did not wait for; none where the last attempt failed. */
function lastAnswer(exchange: Exchange, { facts, outcome, fault, estimatedOutput }: Ending): UnfitAnswer[] {
  const { deployment } = exchange
  if (deployment === undefined) return []
  if (facts?.usage === undefined && !mayHaveConsumed(exchange, outcome, facts)) return []
  // A stream that was read to its end has told all of its usage, even when the end was not good enough.
  const early = outcome !== 'ok' && fault?.code !== 'invalid_structured_output'
  const { leftBehind } = exchange
  if (facts === undefined && leftBehind !== undefined) return [{ deployment, usage: leftBehind }]
  return [{ deployment, usage: completeUsage(exchange, facts?.usage, early, estimatedOutput) }]
}

/** Without a word of the provider: its answer was good or had begun, or it was at work when the client left. */
function mayHaveConsumed(exchange: Exchange, outcome: Outcome, facts: AnswerFacts | undefined): boolean {
  if (outcome === 'client-gone') return exchange.attempts.at(-1)?.fault === 'client_gone'
  return facts !== undefined && outcome !== 'fault'
}

type Draft = { -readonly [Field in keyof ExchangeRecord]: ExchangeRecord[Field] }

/** What is summed up stands first, in the order of `SummedRecord`: whoever sums reads no further. */
function recordOf(exchange: Exchange, ending: Ending, now: number): ExchangeRecord {
  const { key, head, deployment, answeredAt } = exchange
  const { facts, fault } = ending
  const record = { id: exchange.id, at: exchange.at } as Draft
  if (key !== undefined) record.keyId = key.id
  if (deployment !== undefined) {
    record.provider = deployment.provider
    record.modelServed = recordText(facts?.model ?? deployment.model)
  }
  record.outcome = ending.outcome
  if (exchange.usage !== undefined) record.usage = withoutRaw(exchange.usage)
  if (exchange.cost !== undefined) record.cost = exchange.cost
  if (exchange.unpriced) record.unpriced = true
  const path = deployment && exchange.wayTo(deployment)
  if (path !== undefined) record.route = recordText(path)
  record.durationMs = round(now - exchange.startedAt)
  record.requestId = exchange.requestId
  record.surface = exchange.surface.id
  record.operation = exchange.recordedAs
  if (key !== undefined) record.keyName = key.name
  if (head.endUser !== undefined) record.endUser = recordText(head.endUser)
  if (head.model !== '') record.modelAsked = recordText(head.model)
  if (deployment !== undefined) {
    record.deployment = deployment.id
    if (deployment.place !== undefined) record.region = deployment.place.region
  }
  const { residency } = exchange
  if (residency !== undefined) record.residency = recordText(residencyText(residency))
  record.stream = head.stream
  record.attempts = exchange.attempts
  if (answeredAt !== undefined) record.firstByteMs = round(answeredAt - exchange.startedAt)
  record.overheadMs = answeredAt === undefined ? overheadOf(exchange, now) : exchange.overhead
  if (exchange.queued > 0) record.queuedMs = round(exchange.queued)
  if (facts?.finish !== undefined) record.finish = facts.finish.reason
  if (exchange.safety !== undefined) record.safety = exchange.safety
  record.status = ending.status
  if (fault !== undefined) record.fault = fault.code
  if (exchange.lost.length > 0) record.lost = recordPaths(exchange.lost)
  if (exchange.mirror !== undefined) {
    record.mirrorOf = exchange.mirror.of
    record.compared = exchange.mirror.compare(record)
  }
  if (exchange.check !== undefined) record.check = exchange.check
  if (exchange.passed !== undefined) record.bytes = { ...exchange.passed }
  return record
}

function withoutRaw(usage: Usage): Omit<Usage, 'raw'> {
  if (usage.raw === undefined) return usage
  const { raw: _, ...rest } = usage
  return rest
}

/** Milliseconds since the body was there that were not spent waiting for providers. */
export function overheadOf(exchange: Exchange, now: number): number {
  const since = exchange.receivedAt === 0 ? exchange.startedAt : exchange.receivedAt
  return round(Math.max(0, now - since - exchange.waited))
}

const round = (value: number): number => Math.round(value * 1000) / 1000
