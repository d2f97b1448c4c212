/**
 * What would become of a request, found out without calling anybody: which targets it would be tried at, in which order, what they
 * were compared by, and why others would not be asked. Chance is drawn as for a request, so a strategy of chance shows one of its orders.
 */
import { Body } from '../kernel/body.ts'
import type { Deployment } from '../kernel/deployment.ts'
import { Exchange } from '../kernel/exchange.ts'
import type { ExchangeInit } from '../kernel/exchange.ts'
import type { Decision } from '../kernel/route.ts'
import type { StrategyTarget, Verdict } from '../kernel/strategy.ts'
import type { Key } from '../model/key.ts'
import { asFault } from '../model/fault.ts'
import { residencyText } from '../model/place.ts'
import type { NanoUsd } from '../model/money.ts'
import { Fallbacks, largeEnoughFirst } from './attempt/fallbacks.ts'
import { chooseEndpoint, prepare } from './attempt/outbound.ts'
import { RoutingQuery } from './routing-query.ts'
import { OwnedModelRegister } from './owned-models.ts'
import type { OwnedModels } from './owned-models.ts'
import { resolve } from './stages/resolve.ts'
import { admits, whereText } from './within-residency.ts'

export interface RouteQuestion extends Pick<ExchangeInit, 'surface' | 'plan' | 'headers' | 'at' | 'address'> {
  /** None where nobody is asked. */
  readonly ownedModels?: OwnedModels
  readonly body: Uint8Array
  readonly key: Key | undefined
}

/** `resting`: its credential was refused or is used up. `open`: its circuit is. `unfit`: it cannot be asked for this. */
export type CandidateState = 'ready' | 'resting' | 'open' | 'unfit'

export interface Candidate {
  readonly deployment: Deployment
  /** The routers on the way to it. */
  readonly path: string | undefined
  readonly state: CandidateState
  /** Why it is not ready. */
  readonly why?: string
  readonly expectedCost: NanoUsd | undefined
}

/** What one router said of one of its targets. */
export interface Comparison extends Verdict {
  /** `main:latency`. */
  readonly router: string
  readonly target: string
}

export interface RouteExplanation {
  readonly model: string
  /** Those that would be asked, first the first. */
  readonly candidates: readonly Candidate[]
  /** Those that the name leads to and that would not be asked. */
  readonly leftOut: readonly {
    readonly deployment: Deployment
    readonly path: string | undefined
    readonly why: string
  }[]
  readonly comparisons: readonly Comparison[]
  readonly mirrors: readonly (readonly Deployment[])[]
  readonly hedgeAfter: number | undefined
}

/** Throws the Fault that the request would get for its model or its router. */
export async function explainRoute(question: RouteQuestion): Promise<RouteExplanation> {
  const { body, key, ownedModels, ...init } = question
  const exchange = new Exchange({ ...init, id: '', requestId: '', startedAt: 0, receive: () => body })
  const { dialect } = exchange.surface
  exchange.key = key
  exchange.body = new Body(body, (json) => dialect.request.decode(json, question.address))
  exchange.head = dialect.head(exchange.body, question.address)
  await resolve(ownedModels ?? new OwnedModelRegister()).run(exchange, () => Promise.resolve(undefined as never))
  const query = new RoutingQuery(exchange)
  const comparisons: Comparison[] = []
  const skipped = new Map<StrategyTarget, string>()
  const decision: Decision = (await exchange.route?.order(query, (path, target, verdict) => {
    comparisons.push({ router: path.at(-1) ?? '', target: target.id, ...verdict })
    if (verdict.skipped !== undefined) skipped.set(target, verdict.skipped)
  })) ?? { targets: [] }

  const sized = largeEnoughFirst(exchange, decision.targets)
  const targets = await new Fallbacks(exchange, exchange.route?.fallbacks ?? {}).withRoom(sized)
  const candidates: Candidate[] = []
  for (const deployment of targets) candidates.push(await candidateOf(exchange, deployment, query))
  const asked = new Set(targets.map(({ id }) => id))
  const others = new Map((exchange.route?.deployments ?? []).map((deployment) => [deployment.id, deployment]))
  const leftOut = [...others.values()]
    .filter(({ id }) => !asked.has(id))
    .map((deployment) => ({
      deployment,
      path: exchange.wayTo(deployment),
      why:
        (admits(exchange, deployment) ? undefined : outsideText(exchange, deployment)) ??
        reasonFor(deployment, skipped) ??
        'the router leaves it out',
    }))
  return {
    model: exchange.head.model,
    candidates,
    leftOut,
    comparisons,
    mirrors: decision.mirrors ?? [],
    hedgeAfter: decision.hedge?.after,
  }
}

const outsideText = ({ residency = [] }: Exchange, deployment: Deployment): string =>
  `it is ${whereText(deployment)}, outside of ${residencyText(residency)}`

const reasonFor = ({ id }: Deployment, skipped: ReadonlyMap<StrategyTarget, string>): string | undefined =>
  [...skipped].find(([{ leaves }]) => leaves.some((leaf) => leaf.id === id))?.[1]

async function candidateOf(exchange: Exchange, deployment: Deployment, query: RoutingQuery): Promise<Candidate> {
  const common = {
    deployment,
    path: exchange.wayTo(deployment),
    expectedCost: query.expectedCost(deployment),
  }
  const unfit = await unfitness(exchange, deployment)
  if (unfit !== undefined) return { ...common, state: 'unfit', why: unfit }
  const wait = deployment.circuit.waitMs()
  if (wait > 0)
    return {
      ...common,
      state: 'open',
      why: deployment.circuit.isHeld ? 'its circuit is held open' : `its circuit is open for another ${seconds(wait)}`,
    }
  const rest = deployment.standing.restMs()
  if (rest > 0) return { ...common, state: 'resting', why: `its credential rests for another ${seconds(rest)}` }
  return { ...common, state: 'ready' }
}

async function unfitness(exchange: Exchange, deployment: Deployment): Promise<string | undefined> {
  const { standIn } = deployment
  if (standIn !== undefined)
    return standIn.operation === exchange.surface.operation ? undefined : `it stands in for ${standIn.operation} alone`
  if (exchange.surface.operation === 'count-tokens' && chooseEndpoint(exchange, deployment) === undefined)
    return undefined
  try {
    // Files that would be fetched for it are not: nothing is called.
    await prepare(exchange, deployment, undefined)
    return undefined
  } catch (error) {
    return asFault(error).message
  }
}

const seconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`
