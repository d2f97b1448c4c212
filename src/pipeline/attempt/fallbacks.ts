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

  /** Where all are known to be too small for the request, the fallbacks before them. */
  async withRoom(targets: readonly Deployment[]): Promise<readonly Deployment[]> {
    if (this.#fallbacks.context_window === undefined || targets.length === 0) return targets
    const input = likelyInput(this.#exchange)
    if (!targets.every((target) => isTooSmall(target, input))) return targets
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

/** Whoever may be large enough is. */
const isTooSmall = (target: Deployment, input: number): boolean => input > (target.knownContext?.() ?? Infinity)

/** Those that are known to be too small for the request come after all others, in whatever order they are: they would only say so. */
export function largeEnoughFirst(exchange: Exchange, targets: readonly Deployment[]): readonly Deployment[] {
  // What is not chat is not one text: each of many documents may be as long as the window.
  if (targets.length < 2 || exchange.surface.operation !== 'chat') return targets
  const input = likelyInput(exchange)
  const small = targets.filter((target) => isTooSmall(target, input))
  if (small.length === 0 || small.length === targets.length) return targets
  return [...targets.filter((target) => !small.includes(target)), ...small]
}
