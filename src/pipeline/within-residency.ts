/** The one question before anything of a request goes anywhere: whether it may be processed there. */
import type { Deployment } from '../kernel/deployment.ts'
import type { Exchange } from '../kernel/exchange.ts'
import type { Route } from '../kernel/route.ts'
import { Fault } from '../model/fault.ts'
import { keeps, residencyText } from '../model/place.ts'

export const admits = ({ residency }: Exchange, { place }: Pick<Deployment, 'place'>): boolean =>
  residency === undefined || keeps(residency, place)

/** Throws a Fault where it may not. */
export function requireWithin(exchange: Exchange, deployment: Pick<Deployment, 'place' | 'id'>): void {
  if (!admits(exchange, deployment)) throw outside(exchange, `${deployment.id} is ${whereText(deployment)}`)
}

/** Throws a Fault where a route leads nowhere that it may be processed. */
export function requireAnyWithin(exchange: Exchange, { name, deployments }: Route): void {
  if (exchange.residency === undefined || deployments.some((deployment) => admits(exchange, deployment))) return
  const places = [...new Set(deployments.map(whereText))].slice(0, 5).join(', ')
  throw outside(exchange, `"${name.slice(0, 120)}" is served ${places}`)
}

/** `in eu-west-1`. */
export const whereText = ({ place }: Pick<Deployment, 'place'>): string =>
  place === undefined ? 'in no region that is known' : `in ${place.region}`

export const outside = ({ residency = [] }: Exchange, what: string): Fault =>
  new Fault('outside_residency', `${what}, and the request has to be processed within ${residencyText(residency)}.`)
