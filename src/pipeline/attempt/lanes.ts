/**
 * Attempts that are under way for one client at the same time, each in a lane of its own. Whoever has an answer first claims the client;
 * the others are let go at that very moment, so that no two can be heard. A client that leaves ends them all.
 */
import type { Clock } from '../../kernel/clock.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'

export class Lanes {
  readonly exchange: Exchange
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #open: Lane[] = []
  #decided = false

  constructor(exchange: Exchange, clock: Clock) {
    this.exchange = exchange
    this.#clock = clock
    this.#startedAt = clock.monotonic()
    exchange.whenGone(() => this.#leaveAll())
  }

  get decided(): boolean {
    return this.#decided
  }

  open(deployment: Deployment): Lane {
    const lane = new Lane(this, deployment)
    this.#open.push(lane)
    return lane
  }

  close(lane: Lane): void {
    const index = this.#open.indexOf(lane)
    if (index !== -1) this.#open.splice(index, 1)
  }

  /** Lets all go but the one, if there is one. True where nobody had decided before. */
  decide(winner?: Lane): boolean {
    if (this.#decided) return false
    this.#decided = true
    this.exchange.waited += this.#clock.monotonic() - this.#startedAt
    for (const lane of this.#open.splice(0)) if (lane !== winner) lane.lose()
    if (winner !== undefined) this.exchange.deployment = winner.deployment
    // Last, for it calls back at once where the client has gone already.
    this.exchange.whenGone(winner === undefined ? undefined : () => winner.leave())
    return true
  }

  /** The first of them is what the client had waited for; the others are paid for beside it. */
  #leaveAll(): void {
    const [first] = this.#open
    if (first !== undefined) this.decide(first)
  }
}

export interface LaneListener {
  /** The client has left. */
  gone(): void
  /** Another lane was quicker. */
  lost(): void
}

export class Lane {
  readonly deployment: Deployment
  readonly #lanes: Lanes
  #listener: LaneListener | undefined
  #lost = false
  #won = false

  constructor(lanes: Lanes, deployment: Deployment) {
    this.#lanes = lanes
    this.deployment = deployment
  }

  get lost(): boolean {
    return this.#lost
  }

  /** `undefined` stops listening: nothing is under way in it. */
  listen(listener: LaneListener | undefined): void {
    this.#listener = listener
    if (listener === undefined) {
      if (this.#won) this.#lanes.exchange.whenGone(undefined)
    } else if (this.#lost) listener.lost()
    else if (this.#lanes.exchange.gone) listener.gone()
  }

  /** Whether the client is this lane's from here on. */
  claim(): boolean {
    if (this.#won) return true
    this.#won = this.#lanes.decide(this)
    return this.#won
  }

  lose(): void {
    this.#lost = true
    this.#listener?.lost()
  }

  leave(): void {
    this.#listener?.gone()
  }
}
