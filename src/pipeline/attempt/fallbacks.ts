/** Who is asked in place of a route's targets when the request is too long for them, or a filter refuses it; each reason counts once. */
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { FallbackReason, Route } from '../../kernel/route.ts'
import type { Fault } from '../../model/fault.ts'
import { likelyInput } from '../input-estimate.ts'
import { RoutingQuery } from '../routing-query.ts'
import { refusalReason } from './refusal-reason.ts'

export class Fallbacks {
  readonly #exchange: Exchange
  readonly #fallbacks: NonNullable<Route['fallbacks']>
  readonly #used = new Set<FallbackReason>()

  constructor(exchange: Exchange, fallbacks: NonNullable<Route['fallbacks']>) {
    this.#exchange = exchange
    this.#fallbacks = fallbacks
  }

  /** There is still somebody to be asked for an answer that a filter stops. */
  get watchFilter(): boolean {
    return this.#fallbacks.content_policy !== undefined && !this.#used.has('content_policy')
  }

  /** Who is asked after such a refusal; undefined where nobody is. */
  async after(fault: Fault): Promise<readonly Deployment[] | undefined> {
    const reason = refusalReason(fault)
    return reason === undefined ? undefined : this.#take(reason)
  }

  /** Those first that are known to be large enough; where none is, the fallbacks before them all. */
  async withRoom(targets: readonly Deployment[]): Promise<readonly Deployment[]> {
    if (this.#fallbacks.context_window === undefined) return targets
    // Whoever may be large enough is asked.
    const input = likelyInput(this.#exchange)
    const isTooSmall = (target: Deployment): boolean => input > (target.knownContext?.() ?? Infinity)
    const small = targets.filter(isTooSmall)
    if (small.length === 0) return targets
    if (small.length < targets.length) return [...targets.filter((target) => !isTooSmall(target)), ...small]
    const larger = (await this.#take('context_window')) ?? []
    return [...larger, ...targets.filter((target) => !larger.includes(target))]
  }

  async #take(reason: FallbackReason): Promise<readonly Deployment[] | undefined> {
    const decide = this.#fallbacks[reason]
    if (decide === undefined || this.#used.has(reason)) return undefined
    this.#used.add(reason)
    const { targets } = await decide(new RoutingQuery(this.#exchange))
    return targets
  }
}
