/** What a deployment costs for the operation that is asked of it. */
import type { Deployment } from '../kernel/deployment.ts'
import type { Exchange } from '../kernel/exchange.ts'
import { freeOfCharge } from '../model/price.ts'
import type { PriceSheet } from '../model/price.ts'
import { chooseEndpoint } from './attempt/outbound.ts'

/** Undefined when no price is known. Some services take nothing for some operations. */
export function priceOf(exchange: Exchange, deployment: Deployment): PriceSheet | undefined {
  const free = deployment.standIn === undefined && chooseEndpoint(exchange, deployment)?.free === true
  return free ? freeOfCharge(deployment.provider) : deployment.priceAt(exchange.at)
}
