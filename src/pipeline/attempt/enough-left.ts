/**
 * Puts targets behind the others where what is known to be left of their rate limits does not suffice for the request: it would be
 * refused there, and the client would wait for nothing. They are still asked when the others fail, for only the provider knows.
 */
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import { inputEstimateOf } from '../input-estimate.ts'

export function enoughLeftFirst(exchange: Exchange, targets: readonly Deployment[]): readonly Deployment[] {
  if (targets.length < 2 || !targets.some((target) => isShort(exchange, target))) return targets
  const enough: Deployment[] = []
  const short: Deployment[] = []
  for (const target of targets) (isShort(exchange, target) ? short : enough).push(target)
  return enough.length === 0 ? targets : [...enough, ...short]
}

const isShort = (exchange: Exchange, target: Deployment): boolean => shortMsOf(exchange, target) > 0

/** Milliseconds until enough is left for it. */
export function shortMsOf(exchange: Exchange, { standing: { allowance } }: Deployment): number {
  // What a request needs takes time to find out, and few providers tell anything.
  return allowance.told ? allowance.shortMs(inputEstimateOf(exchange), exchange.head.maxOutputTokens ?? 0) : 0
}
