/**
 * Asks deployments that nobody has asked for a while whether they still work: what was quick an hour ago may be gone, and a circuit that
 * opened closes without the risk of a client's request. Each tier only where the one before it went well, spread over time, within a
 * budget, and never in the place of a client. Standard and deep checks are exchanges without a key, each with its record and its cost.
 */
import type { CheckSettings } from '../../config/types.ts'
import { Body } from '../../kernel/body.ts'
import type { Clock, Random, Timer } from '../../kernel/clock.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import { Exchange } from '../../kernel/exchange.ts'
import type { Plan } from '../../kernel/plan.ts'
import { textOf } from '../../kernel/reply.ts'
import type { Stage } from '../../kernel/stage.ts'
import { asFault } from '../../model/fault.ts'
import type { FaultCode } from '../../model/fault.ts'
import { keeps } from '../../model/place.ts'
import { runRounds } from '../attempt/rounds.ts'
import { compose } from '../compose.ts'
import { matchesAny } from '../name-pattern.ts'
import { restMsOf } from '../plan/route-tree.ts'
import { settle } from '../stages/settle.ts'
import type { SettleContext } from '../stages/settle.ts'
import { checkTiers } from '../../model/check-tier.ts'
import type { CheckOutcome, CheckTier } from '../../model/check-tier.ts'
import { questionFor } from './check-questions.ts'
import type { FindDialect } from './check-questions.ts'
import { originOf, reach } from './reach.ts'

export interface CheckResult {
  readonly tier: CheckTier
  /** Unix milliseconds. */
  readonly at: number
  readonly good: boolean
  readonly durationMs: number
  readonly fault?: FaultCode
  readonly message?: string
}

export interface ChecksContext extends SettleContext {
  readonly clock: Clock
  readonly random: Random
  readonly plan: () => Plan
  readonly settings: () => CheckSettings
  readonly dialect: FindDialect
  readonly nextId: () => string
  readonly onChecked: (tier: CheckTier, outcome: CheckOutcome) => void
}

/** Milliseconds between looks at what is due. */
const lookEvery = 1000
const mostAtOnce = 4
const hour = 3_600_000
const day = 24 * hour

interface Watched {
  /** Monotonic times at which each tier is due. */
  readonly due: Map<CheckTier, number>
  readonly results: Map<CheckTier, CheckResult>
  /** Tiers whose latest check was bad, and nothing since has shown otherwise. */
  readonly bad: Set<CheckTier>
  /** Monotonic time at which anybody else asked it last, and at which a check did. */
  usedAt: number
  checkedAt: number
}

export class ActiveChecks implements AsyncDisposable {
  readonly #context: ChecksContext
  readonly #watched = new Map<string, Watched>()
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #exchanges = new Set<Exchange>()
  /** Monotonic times of calls that cost something, of the last hour. */
  #calls: number[] = []
  #spent = { since: 0, cost: 0 }
  #timer: Timer | undefined
  #isClosed = false

  constructor(context: ChecksContext) {
    this.#context = context
    this.#arm()
  }

  /** Deployments that are being checked at this moment. */
  get underWay(): number {
    return this.#underWay.size
  }

  /** What came of the latest check of each tier. */
  resultsOf(deployment: string): readonly CheckResult[] {
    const results = this.#watched.get(deployment)?.results
    return checkTiers.flatMap((tier) => results?.get(tier) ?? [])
  }

  /** Checks now, whatever is due and whatever it costs; all tiers up to this one, as long as they go well. */
  async checkNow(deployment: Deployment, upTo: CheckTier): Promise<readonly CheckResult[]> {
    const results: CheckResult[] = []
    for (const tier of checkTiers.slice(0, checkTiers.indexOf(upTo) + 1)) {
      const result = await this.#check(deployment, tier)
      if (result === undefined) continue
      results.push(result)
      if (!result.good) break
    }
    return results
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    for (const exchange of this.#exchanges) exchange.cancel()
    await Promise.all(this.#underWay.values())
  }

  #arm(): void {
    if (this.#isClosed) return
    this.#timer = this.#context.clock.after(lookEvery, () => {
      this.#look()
      this.#arm()
    })
  }

  #look(): void {
    const { plan, settings } = this.#context
    const { enabled, deployments: patterns } = settings()
    if (!enabled) return
    const seen = new Map<string, Deployment>()
    const { deployments, residency } = plan()
    for (const deployment of deployments) {
      const { id } = deployment
      if (deployment.standIn !== undefined || !matchesAny(patterns, id)) continue
      if (residency !== undefined && !keeps(residency, deployment.place)) continue
      // Whichever of its credentials may be used.
      if (deployment.standing.restMs() > 0) continue
      const other = seen.get(id)
      if (other === undefined || urgency(deployment) > urgency(other)) seen.set(id, deployment)
    }
    for (const deployment of seen.values()) this.#lookAt(deployment)
    for (const id of this.#watched.keys()) if (!seen.has(id) && !this.#underWay.has(id)) this.#watched.delete(id)
  }

  #lookAt(deployment: Deployment): void {
    const { clock } = this.#context
    const { id, signals, circuit } = deployment
    // Until it has ended, what it asked would be taken for a client's request.
    if (this.#underWay.has(id)) return
    const now = clock.monotonic()
    const watched = this.#watchedOf(deployment)
    const isHalfOpen = canBeTried(deployment)
    hearOfUse(watched, deployment)
    const isIdle = signals.inFlight === 0 && now - watched.usedAt >= this.#context.settings().idle
    if (!isIdle && !isHalfOpen) return
    // One that has recovered is asked in earnest, once it can be reached again.
    const due = checkTiers.filter((tier) =>
      isHalfOpen
        ? tier === 'standard' || (tier === 'quick' && watched.results.get(tier)?.good === false)
        : (watched.due.get(tier) ?? Infinity) <= now,
    )
    if (due.length === 0 || this.#underWay.size >= mostAtOnce) return
    if (circuit.state !== 'closed' && !isHalfOpen) return
    const done = this.#run(deployment, watched, due).finally(() => this.#underWay.delete(id))
    this.#underWay.set(id, done)
  }

  async #run(deployment: Deployment, watched: Watched, due: readonly CheckTier[]): Promise<void> {
    for (const tier of due) {
      watched.due.set(tier, this.#nextDue(tier))
      const cheaper = checkTiers.slice(0, checkTiers.indexOf(tier))
      if (cheaper.some((each) => this.#isAsked(each) && watched.results.get(each)?.good === false)) return
      if (tier !== 'quick' && !this.#canAfford()) {
        this.#context.onChecked(tier, 'unaffordable')
        return
      }
      const result = await this.#check(deployment, tier)
      if (result?.good === false || this.#isClosed) return
    }
  }

  #watchedOf({ id, signals }: Deployment): Watched {
    let watched = this.#watched.get(id)
    if (watched === undefined) {
      const { clock, random, settings } = this.#context
      const { intervals } = settings()
      const first = (tier: CheckTier): [CheckTier, number] => [
        tier,
        intervals[tier] === 0 ? Infinity : clock.monotonic() + random() * intervals[tier],
      ]
      const usedAt = signals.lastUsedAt
      watched = { due: new Map(checkTiers.map(first)), results: new Map(), bad: new Set(), usedAt, checkedAt: -1 }
      this.#watched.set(id, watched)
    }
    return watched
  }

  /** What is never asked again could never be shown to be well again. */
  #isAsked(tier: CheckTier): boolean {
    return this.#context.settings().intervals[tier] > 0
  }

  #nextDue(tier: CheckTier): number {
    const { clock, random, settings } = this.#context
    const { intervals, jitter } = settings()
    const interval = intervals[tier]
    return interval === 0 ? Infinity : clock.monotonic() + interval * (1 + jitter * (2 * random() - 1))
  }

  #canAfford(): boolean {
    const { clock, settings } = this.#context
    const { callsPerHour, costPerDay } = settings()
    const now = clock.monotonic()
    this.#calls = this.#calls.filter((at) => now - at < hour)
    if (now - this.#spent.since >= day) this.#spent = { since: now, cost: 0 }
    return this.#calls.length < callsPerHour && this.#spent.cost < costPerDay
  }

  async #check(deployment: Deployment, tier: CheckTier): Promise<CheckResult | undefined> {
    const { clock, onChecked } = this.#context
    const started = clock.monotonic()
    const at = clock.now()
    hearOfUse(this.#watchedOf(deployment), deployment)
    const found = await (tier === 'quick' ? this.#reach(deployment) : this.#ask(deployment, tier))
    if (found === undefined || this.#isClosed) return undefined
    const good = found.fault === undefined && found.message === undefined
    const result: CheckResult = { tier, at, good, durationMs: Math.round(clock.monotonic() - started), ...found }
    const watched = this.#watchedOf(deployment)
    watched.results.set(tier, result)
    if (tier !== 'quick') watched.checkedAt = deployment.signals.lastUsedAt
    if (good) watched.bad.delete(tier)
    else watched.bad.add(tier)
    // A connection does not show that what was answered wrongly is right by now.
    deployment.signals.checked(good && ![...watched.bad].some((each) => this.#isAsked(each)))
    onChecked(tier, good ? 'good' : 'bad')
    return result
  }

  /** Undefined where there is nothing to reach. */
  async #reach(deployment: Deployment): Promise<Pick<CheckResult, 'fault' | 'message'> | undefined> {
    const origin = originOf(deployment)
    if (origin === undefined) return undefined
    const { clock, settings } = this.#context
    const ticket = deployment.circuit.enter()
    const fault = await reach(deployment, origin, { clock, timeout: settings().timeout })
    // That it can be reached does not say that it answers.
    deployment.circuit.leave(ticket, fault === undefined ? undefined : false)
    return fault === undefined ? {} : { fault: fault.code, message: fault.message }
  }

  async #ask(
    deployment: Deployment,
    tier: 'standard' | 'deep',
  ): Promise<Pick<CheckResult, 'fault' | 'message'> | undefined> {
    const question = questionFor(deployment, tier)
    // Where clients wait for a place, a check would wait before them.
    if (question === undefined || deployment.slots?.busy === true) return undefined
    const { clock, plan, dialect, nextId, settings } = this.#context
    const spoken = dialect(question.dialect)
    const exchange = new Exchange({
      id: nextId(),
      requestId: `check-${tier}`,
      surface: { id: `CHECK ${tier}`, operation: question.operation, dialect: spoken },
      plan: plan(),
      headers: {},
      at: clock.now(),
      startedAt: clock.monotonic(),
      receive: () => new Uint8Array(),
    })
    exchange.body = new Body(Buffer.from(JSON.stringify(question.body)), (json) => spoken.request.decode(json))
    exchange.head = spoken.head(exchange.body)
    exchange.receivedAt = exchange.startedAt
    exchange.rounds = 0
    exchange.totalTimeout = settings().timeout
    exchange.check = tier
    exchange.settlements.push(({ cost = 0 }) => (this.#spent.cost += cost))
    this.#calls.push(clock.monotonic())
    this.#exchanges.add(exchange)
    const call: Stage = {
      name: 'call-checked',
      run: () => runRounds(exchange, { targets: [deployment] }, this.#context),
    }
    try {
      const reply = await compose([settle(this.#context), call])(exchange)
      if (reply.kind === 'stream') throw new TypeError('a check was answered with a stream')
      if (reply.fault !== undefined) return { fault: reply.fault.code, message: reply.fault.message }
      const message = question.wrong(JSON.parse(textOf(reply)))
      return message === undefined ? {} : { message }
    } catch (error) {
      const { code, message } = asFault(error)
      return { fault: code, message }
    } finally {
      this.#exchanges.delete(exchange)
    }
  }
}

/** Open, and has waited for as long as it had to. */
const canBeTried = (deployment: Deployment): boolean =>
  deployment.circuit.state !== 'closed' && restMsOf(deployment) === 0

/** Of several credentials, the one whose circuit can be closed comes first, and one that is left alone last. */
const urgency = (deployment: Deployment): number =>
  canBeTried(deployment) ? 2 : deployment.circuit.state === 'closed' ? 1 : 0

function hearOfUse(watched: Watched, { signals }: Deployment): void {
  const { lastUsedAt } = signals
  if (lastUsedAt === watched.checkedAt || lastUsedAt === watched.usedAt) return
  watched.usedAt = lastUsedAt
  watched.bad.clear()
}
