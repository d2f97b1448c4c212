/**
 * Asks several targets for the same answer: the next one as soon as those before it have failed or, for as often as the hedge allows,
 * have not begun to answer for a while. The first good answer is the client's.
 */
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { DecidedHedge } from '../../kernel/route.ts'
import { Fault } from '../../model/fault.ts'
import type { AttemptResult, Failure, Success } from './attempt-result.ts'
import { Lanes } from './lanes.ts'
import type { Lane } from './lanes.ts'

export interface Raced<T> {
  /** What came of each target that was asked and that nobody outran. */
  readonly outcomes: ReadonlyMap<T, AttemptResult | Fault>
  readonly won?: Success
  /** What a target says of the request itself: there is no use in asking others. */
  readonly final?: Failure
}

export interface RaceContext {
  readonly exchange: Exchange
  readonly clock: Clock
  readonly hedge: DecidedHedge
}

type Ask<T> = (target: T, lane: Lane) => Promise<AttemptResult | Fault>

export function raceTargets<T extends { readonly deployment: Deployment }>(
  context: RaceContext,
  targets: readonly T[],
  ask: Ask<T>,
): Promise<Raced<T>> {
  return new Promise((resolve, reject) => {
    new TargetRace(context, targets, ask, { resolve, reject }).start()
  })
}

interface Settling<T> {
  readonly resolve: (raced: Raced<T>) => void
  readonly reject: (error: unknown) => void
}

class TargetRace<T extends { readonly deployment: Deployment }> {
  readonly #context: RaceContext
  readonly #targets: readonly T[]
  readonly #ask: Ask<T>
  readonly #settling: Settling<T>
  readonly #lanes: Lanes
  readonly #outcomes = new Map<T, AttemptResult | Fault>()
  #next = 0
  #running = 0
  #hedges = 0
  #over = false
  #timer: Timer | undefined

  constructor(context: RaceContext, targets: readonly T[], ask: Ask<T>, settling: Settling<T>) {
    this.#context = context
    this.#targets = targets
    this.#ask = ask
    this.#settling = settling
    this.#lanes = new Lanes(context.exchange, context.clock)
  }

  start(): void {
    this.#launch()
    this.#awaitHedge()
  }

  #launch(): void {
    const target = this.#targets[this.#next]
    if (target === undefined) return
    this.#next += 1
    this.#running += 1
    const lane = this.#lanes.open(target.deployment)
    this.#ask(target, lane).then(
      (result) => this.#came(target, lane, result),
      (error: unknown) => this.#broke(lane, error),
    )
  }

  #awaitHedge(): void {
    const { clock, hedge } = this.#context
    if (this.#over || this.#hedges >= hedge.most || this.#next >= this.#targets.length) return
    if (hedge.after === 0) this.#hedgeNow()
    else this.#timer = clock.after(hedge.after, () => this.#hedgeNow())
  }

  #hedgeNow(): void {
    if (this.#over || this.#lanes.decided || !this.#context.hedge.allowed()) return
    this.#hedges += 1
    this.#launch()
    this.#awaitHedge()
  }

  #came(target: T, lane: Lane, result: AttemptResult | Fault): void {
    this.#running -= 1
    this.#lanes.close(lane)
    if (this.#over || lane.lost) return
    this.#outcomes.set(target, result)
    if (!(result instanceof Fault)) {
      if (result.ok) return this.#finish({ won: result })
      if (!result.failOver) return this.#finish({ final: result })
    }
    if (this.#running > 0) return
    if (this.#next < this.#targets.length && !this.#context.exchange.gone) this.#launch()
    else this.#finish({})
  }

  #broke(lane: Lane, error: unknown): void {
    this.#lanes.close(lane)
    if (this.#over || lane.lost) return
    this.#end()
    this.#settling.reject(error)
  }

  #finish(how: Omit<Raced<T>, 'outcomes'>): void {
    this.#end()
    this.#settling.resolve({ outcomes: this.#outcomes, ...how })
  }

  #end(): void {
    this.#over = true
    this.#timer?.cancel()
    this.#lanes.decide()
  }
}
