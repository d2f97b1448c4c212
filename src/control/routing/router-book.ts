/**
 * What strategies remember of their routers beyond one plan: the state of a canary, the vectors of examples. It belongs to the router's
 * name and settings, so an unchanged router goes on where it was after a reload, and a changed one begins anew.
 */
import type { Reporting, RouterReport, StrategyEvent, StrategyPlace } from '../../kernel/strategy.ts'
import type { RouterStateStore } from '../../stores/router-state-store.ts'

export interface RouterEvent {
  readonly router: string
  readonly strategy: string
  readonly event: StrategyEvent
}

interface Kept {
  readonly router: string
  readonly value: unknown
  /** Of the plan that asked for it last. */
  generation: number
}

/** States of routers that requests bring are among them. */
const mostKept = 2000

export class RouterBook {
  readonly #onEvent: (event: RouterEvent) => void
  readonly #states: RouterStateStore
  readonly #kept = new Map<string, Kept>()
  #generation = 0

  constructor(states: RouterStateStore, onEvent: (event: RouterEvent) => void) {
    this.#states = states
    this.#onEvent = onEvent
  }

  /** `settings` tells all that the router is configured to. */
  placeOf(router: string, strategy: string, settings: string): StrategyPlace {
    const key = `${router}\n${settings}`
    return {
      router,
      keep: <S>(create: () => S): S => {
        const known = this.#kept.get(key)
        if (known !== undefined) {
          known.generation = this.#generation
          return known.value as S
        }
        if (this.#kept.size >= mostKept) this.#forgetOldest()
        const value = create()
        this.#kept.set(key, { router, value, generation: this.#generation })
        return value
      },
      recall: () => this.#states.recall(router, settings),
      remember: (state) => this.#states.remember(router, settings, state),
      tell: (event) => this.#onEvent({ router, strategy, event }),
    }
  }

  /** How routers stand that have something to tell. */
  reports(now: number): { readonly router: string; readonly report: RouterReport }[] {
    return [...this.#kept.values()].flatMap(({ router, value }) =>
      isReporting(value) ? [{ router, report: value.report(now) }] : [],
    )
  }

  /** Begins a plan: what it does not ask for is forgotten when it is in force. */
  begin(): void {
    this.#generation += 1
  }

  forgetUnused(): void {
    for (const [key, { generation }] of this.#kept) if (generation < this.#generation) this.#kept.delete(key)
  }

  #forgetOldest(): void {
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined) this.#kept.delete(oldest)
  }
}

const isReporting = (value: unknown): value is Reporting =>
  typeof value === 'object' && value !== null && 'report' in value && typeof value.report === 'function'
