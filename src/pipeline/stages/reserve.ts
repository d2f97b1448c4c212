/**
 * Holds money for the request before a provider is called: the most that the dearest of the planned attempts can cost. What it really
 * cost takes its place when the exchange is settled. Keys without a budget pass by.
 */
import type { Clock } from '../../kernel/clock.ts'
import { servesOperation } from '../../kernel/deployment.ts'
import type { Deployment, StandIn } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { RouteAdviser } from '../../kernel/route.ts'
import type { Stage } from '../../kernel/stage.ts'
import { worstCaseCost } from '../../model/cost.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { BudgetPeriod, Key } from '../../model/key.ts'
import { makesImages } from '../../model/operation.ts'
import type { ExchangeOperation } from '../../model/operation.ts'
import { formatUsd } from '../../model/money.ts'
import type { NanoUsd } from '../../model/money.ts'
import type { PriceSheet } from '../../model/price.ts'
import type { RerankRequest } from '../../model/rerank.ts'
import type { Reservation } from '../../model/reservation.ts'
import { asksFor, mayEmulate } from '../adapt/emulate.ts'
import { chooseEndpoint } from '../attempt/outbound.ts'
import { inputEstimateOf } from '../input-estimate.ts'
import { verdictTokens } from '../stand-ins/moderate-by-llama-guard.ts'
import { overrideBounds } from '../override-bounds.ts'
import { priceOf } from '../price-of.ts'
import { RoutingQuery } from '../routing-query.ts'
import { recordText } from '../record-text.ts'
import { admits } from '../within-residency.ts'

export type Hold =
  | { readonly ok: true; settle(actual: NanoUsd): void }
  | { readonly ok: false; readonly period: BudgetPeriod; readonly left: NanoUsd; readonly limit: NanoUsd }

export interface Budgets {
  /** Holds the amount in every budget of the key, or in none. */
  hold(key: Key, amount: NanoUsd, now: number): Hold | Promise<Hold>
  /** Adds what a key without a budget has spent. */
  spent(keyId: string, amount: NanoUsd, at: number): void
}

export interface ReserveContext {
  readonly clock: Clock
  readonly budgets: Budgets
  /** Writes a reservation (as JSON) where a crash does not reach it, and calls back then: it is found and charged afterwards. */
  readonly note: (json: string, written: () => void) => void
}

export function reserve({ budgets, note, clock }: ReserveContext): Stage {
  return {
    name: 'reserve',
    async run(exchange, next) {
      const { key } = exchange
      if (key === undefined) return next()
      if ((key.policy.budgets?.length ?? 0) === 0) {
        // Counted all the same: a budget that the key is given later begins with what it has spent.
        exchange.settlements.push(({ cost }) => budgets.spent(key.id, cost ?? 0, exchange.at))
        return next()
      }
      if (exchange.route?.choosesFreely === true)
        exchange.decision = await exchange.route.order(new RoutingQuery(exchange, clock))
      const { amount, deployment } = dearest(exchange, key)
      const held = budgets.hold(key, amount, exchange.at)
      const hold = held instanceof Promise ? await held : held
      if (!hold.ok) throw exceeded(exchange, key, amount, hold)
      exchange.hold = { amount, settle: (actual) => hold.settle(actual) }
      exchange.settlements.push(({ cost }) => {
        if (!exchange.billedLater) hold.settle(cost ?? 0)
      })
      const json = JSON.stringify(reservationOf(exchange, key, deployment, amount))
      await new Promise<void>((written) => {
        note(json, written)
      })
      // Awaited, because a promise that an async function merely returns goes round the queue three times more.
      return await next()
    },
  }
}

/** Tokens that an answer may have when neither client nor catalogue set an end to it. */
const defaultMaxOutput = 4096

interface WorstCase {
  readonly total: NanoUsd
  readonly missing?: readonly string[]
}

function dearest(exchange: Exchange, key: Key): { amount: NanoUsd; deployment: Deployment | undefined } {
  let amount = 0
  const atOnce = mostPaid(exchange)
  const costs: NanoUsd[] = []
  let deployment: Deployment | undefined
  for (const candidate of exchange.decision?.targets ?? exchange.route?.deployments ?? []) {
    if (exchange.passage === undefined && !servesOperation(candidate, exchange.surface.operation)) continue
    if (!admits(exchange, candidate)) continue
    const price = priceOf(exchange, candidate)
    const cost = price && worstCaseAt(exchange, candidate, price)
    if (cost === undefined || cost.missing !== undefined) {
      throw unpriced(exchange, key, candidate)
    }
    if (atOnce > 1) costs.push(cost.total)
    if (deployment === undefined || cost.total > amount) {
      amount = cost.total
      deployment = candidate
    }
  }
  // Each of those that are at work at the same time may have to be paid.
  if (atOnce > 1)
    amount = costs
      .toSorted((a, b) => b - a)
      .slice(0, atOnce)
      .reduce((sum, cost) => sum + cost, 0)
  for (const adviser of exchange.route?.advisers ?? []) amount += worstCaseOfAdvice(exchange, key, adviser)
  return { amount, deployment }
}

/** What the dearest of those that may be asked before it is decided can cost beside the answer. */
function worstCaseOfAdvice(
  exchange: Exchange,
  key: Key,
  { operation, input, output, deployments }: RouteAdviser,
): NanoUsd {
  const asks = operation === 'chat' ? 1 + exchange.plan.structuredOutput.repairs : 1
  const tokens = inputEstimateOf(exchange) + input + (asks - 1) * (output + correction)
  return Math.max(
    0,
    ...deployments.map((deployment) => {
      if (!admits(exchange, deployment)) return 0
      const price = priceOf(exchange, deployment)
      const cost = price && withRequests(worstCaseCost(asks * tokens, asks * output, 1, price), asks - 1, price)
      if (cost === undefined || cost.missing !== undefined) throw unpriced(exchange, key, deployment)
      return cost.total
    }),
  )
}

/** Answers that may have to be paid: of all that are at work at once, and of one that is given up after it has begun. */
function mostPaid({ route, plan }: Exchange): number {
  if (route === undefined) return 1
  const givenUp = (route.commit ?? plan.commit) > 0 || route.fallbacks?.content_policy !== undefined
  return route.atOnce + (givenUp ? 1 : 0)
}

function unpriced({ surface }: Exchange, key: Key, { id, provider }: Deployment): Fault {
  if (surface.operation === 'pass')
    return new Fault(
      'unpriced_model',
      `What this request costs at ${provider} is not known, and the key "${key.name}" has a budget that could not be kept. Set \`providers.${provider}.pass_through.price\` in the configuration.`,
      { param: 'path' },
    )
  return new Fault(
    'unpriced_model',
    `The price of ${id} is not known, and the key "${key.name}" has a budget that could not be kept. Set \`prices\` for it in the configuration.`,
    { param: 'model' },
  )
}

function worstCaseAt(exchange: Exchange, candidate: Deployment, price: PriceSheet): WorstCase {
  if (candidate.standIn !== undefined) return worstCaseOfStandIn(exchange, candidate, candidate.standIn, price)
  const cost = worstCaseOf(exchange, candidate, asksOf(exchange, candidate), price)
  const { maxInputs = Infinity } = chooseEndpoint(exchange, candidate) ?? {}
  const parts = Math.ceil((exchange.head.inputs ?? 1) / maxInputs)
  return withRequests(cost, Math.max(0, parts - 1), price)
}

/** Tokens of what a stand-in tells a model beside the client's own words. */
const standInPrompt = 2000

/** Each call may have the question in it again, and write as much as the model can. */
function worstCaseOfStandIn(exchange: Exchange, candidate: Deployment, standIn: StandIn, price: PriceSheet): WorstCase {
  const input = inputEstimateOf(exchange)
  if (standIn.by === 'embeddings') return withRequests(worstCaseCost(input, 0, 1, price), 1, price)
  const { calls, repeated } = callsOf(exchange, standIn)
  const asks = 1 + exchange.plan.structuredOutput.repairs
  const output = standIn.by === 'llama-guard' ? verdictTokens : (candidate.maxOutput ?? defaultMaxOutput)
  const perCall = repeated + standInPrompt + (asks - 1) * (output + correction)
  const tokens = worstCaseCost(asks * (input + calls * perCall), asks * calls * output, 1, price)
  return withRequests(tokens, asks * calls - 1, price)
}

/** What so many further calls cost by themselves. */
const withRequests = (cost: WorstCase, further: number, { request = 0 }: PriceSheet): WorstCase => ({
  ...cost,
  total: cost.total + further * request,
})

/** How many calls there will be, and how many tokens each of them has beside its share of the request. */
function callsOf(exchange: Exchange, { batch }: StandIn): { readonly calls: number; readonly repeated: number } {
  if (exchange.surface.operation === 'moderate') return { calls: exchange.head.inputs ?? 1, repeated: 0 }
  const { query, documents } = exchange.body.read() as RerankRequest
  return { calls: Math.ceil(documents.length / batch), repeated: Math.ceil(Buffer.byteLength(query) / 2) }
}

/** What is not chat writes tokens only where its head says so. */
function mostOutput({ head, surface }: Exchange, candidate: Deployment): number {
  const overridden = overrideBounds(candidate.overrides)?.maxOutput
  const asked = overridden === 'none' ? undefined : (overridden ?? head.maxOutputTokens)
  if (asked !== undefined) return asked
  return surface.operation === 'chat' ? (candidate.maxOutput ?? candidate.knownMaxOutput() ?? defaultMaxOutput) : 0
}

/** How often the candidate may be called for one answer: again for each that does not fit the schema it was to fit. */
function asksOf(exchange: Exchange, candidate: Deployment): number {
  if (exchange.surface.operation !== 'chat' || exchange.passage !== undefined) return 1
  const traits = chooseEndpoint(exchange, candidate)?.traits
  const policy = exchange.plan.structuredOutput
  if (traits === undefined || !mayEmulate(traits, policy)) return 1
  return asksFor(exchange.body.read() as ChatRequest, traits, policy)
}

/** Tokens of what a model is told of an answer that did not fit. */
const correction = 1000

function worstCaseOf(exchange: Exchange, candidate: Deployment, asks: number, price: PriceSheet): WorstCase {
  const maxOutput = mostOutput(exchange, candidate)
  const overridden = overrideBounds(candidate.overrides)
  const answers = overridden?.answers ?? exchange.head.n ?? 1
  let total = 0
  let missing: readonly string[] | undefined
  const { units, unitKinds } = exchange.head
  for (let ask = 0; ask < asks; ask += 1) {
    // Every further request has the answer before it in its prompt.
    const input = inputEstimateOf(exchange) + (overridden?.input ?? 0) + ask * (maxOutput + correction)
    const cost = worstCaseCost(input, maxOutput, ask === 0 ? answers : 1, price, {
      ...(units !== undefined && { units }),
      ...(unitKinds !== undefined && { unitKinds }),
    })
    total += cost.total
    missing ??= cost.missing
  }
  return { total, ...(missing !== undefined && { missing }) }
}

function cheaper(operation: ExchangeOperation): string {
  if (makesImages(operation)) return 'Fewer or smaller pictures, or a lower quality, cost less.'
  switch (operation) {
    case 'chat':
      return 'A smaller max_tokens, or a shorter prompt, costs less.'
    case 'video':
      return 'A shorter or a smaller video costs less.'
    case 'speech':
      return 'A shorter text costs less.'
    case 'transcribe':
    case 'translate-audio':
      return 'A shorter recording costs less.'
    default:
      return 'Fewer or shorter inputs cost less.'
  }
}

function exceeded(
  { surface }: Exchange,
  key: Key,
  amount: NanoUsd,
  { period, left, limit }: Extract<Hold, { ok: false }>,
): Fault {
  const span = { day: 'for today', month: 'for this month', total: 'in all' }[period]
  return new Fault(
    'budget_exceeded',
    `The key "${key.name}" has $${formatUsd(Math.max(0, left))} left of its $${formatUsd(limit)} ${span}; this request could cost up to $${formatUsd(amount)}. ${cheaper(surface.operation)}`,
  )
}

function reservationOf(exchange: Exchange, key: Key, deployment: Deployment | undefined, nano: NanoUsd): Reservation {
  return {
    id: exchange.id,
    requestId: exchange.requestId,
    at: exchange.at,
    surface: exchange.surface.id,
    operation: exchange.recordedAs,
    keyId: key.id,
    keyName: key.name,
    ...(exchange.head.endUser !== undefined && { endUser: recordText(exchange.head.endUser) }),
    modelAsked: recordText(exchange.head.model),
    ...(deployment !== undefined && {
      deployment: deployment.id,
      provider: deployment.provider,
      modelServed: deployment.model,
    }),
    stream: exchange.head.stream,
    nano,
  }
}
