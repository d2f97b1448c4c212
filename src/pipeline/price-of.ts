/** What a deployment costs for the operation that is asked of it. */
import type { Deployment } from '../kernel/deployment.ts'
import type { Exchange } from '../kernel/exchange.ts'
import { freeOfCharge } from '../model/price.ts'
import type { PriceSheet } from '../model/price.ts'
import { chooseEndpoint } from './attempt/outbound.ts'

/** Undefined when no price is known. Some services take nothing for some operations. */
export function priceOf(exchange: Exchange, deployment: Deployment): PriceSheet | undefined {
  const free = deployment.standIn === undefined && chooseEndpoint(exchange, deployment)?.free === true
  if (free) return freeOfCharge(deployment.provider)
  const price = deployment.priceAt(exchange.at)
  return exchange.surface.operation === 'video' && price !== undefined && !pricesFilms(price) ? undefined : price
}

/** A price of tokens alone says nothing of films, which have none. */
function pricesFilms({ units = {}, request, input, output }: PriceSheet): boolean {
  const isFree = input?.base === 0 && output?.base === 0
  return isFree || request !== undefined || Object.keys(units).some((name) => name.split(':', 1)[0] === 'video_ms')
}
