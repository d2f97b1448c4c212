/**
 * What a model name leads to, as a tree: leaves are deployments (one variant for each credential, taken in turn), branches order
 * their children by a strategy. Flattening it for a request gives the deployments to try.
 */
import type { Random } from '../../kernel/clock.ts'
import type { Deployment, Route, TranslationPolicy } from '../../kernel/deployment.ts'
import type { Strategy, StrategyContext, StrategyQuery, StrategyTarget } from '../../kernel/strategy.ts'

export interface Leaf {
  readonly kind: 'leaf'
  /** The same deployment with each of its credentials; at least one. */
  readonly variants: readonly Deployment[]
  /** Index of the variant whose turn it is. */
  turn: number
}

export interface BranchTarget extends StrategyTarget {
  readonly node: RouteNode
}

export interface Branch {
  readonly kind: 'branch'
  readonly strategy: Pick<Strategy, 'order'>
  readonly targets: readonly BranchTarget[]
  /** Requests that it has ordered. */
  turn: number
}

export type RouteNode = Leaf | Branch

export interface TreeContext {
  readonly random: Random
  readonly now: () => number
}

export function routeOf(
  name: string,
  root: RouteNode,
  { random, now }: TreeContext,
  translation?: TranslationPolicy,
): Route {
  const deployments: Deployment[] = []
  collect(root, deployments)
  const only = deployments.length === 1 ? deployments : undefined
  return {
    name,
    deployments,
    ...(translation !== undefined && { translation }),
    order(query) {
      if (only !== undefined) return only
      const ordered: Deployment[] = []
      flatten(root, query, { random, now: now() }, ordered, true)
      return ordered
    },
  }
}

function collect(node: RouteNode, into: Deployment[]): void {
  if (node.kind === 'leaf') into.push(...node.variants)
  else for (const target of node.targets) collect(target.node, into)
}

/** Only what `leads` has had its turn: what stands further behind is hardly ever asked. */
function flatten(
  node: RouteNode,
  query: StrategyQuery,
  context: Omit<StrategyContext, 'turn'>,
  into: Deployment[],
  leads: boolean,
): void {
  if (node.kind === 'branch') {
    const { turn } = node
    if (leads) node.turn = (turn + 1) % Number.MAX_SAFE_INTEGER
    let first = leads
    for (const target of node.strategy.order(node.targets, query, { ...context, turn })) {
      flatten(target.node, query, context, into, first)
      first = false
    }
    return
  }
  const { variants } = node
  const first = readyFrom(node)
  if (leads) node.turn = (first + 1) % variants.length
  for (let step = 0; step < variants.length; step += 1) {
    const variant = variants[(first + step) % variants.length]
    if (variant !== undefined) into.push(variant)
  }
}

/** Whose turn it is, those that rest passed over; when all rest, the next all the same. */
function readyFrom({ variants, turn }: Leaf): number {
  if (variants.length === 1) return 0
  for (let step = 0; step < variants.length; step += 1) {
    const index = (turn + step) % variants.length
    if (variants[index]?.standing.restMs() === 0) return index
  }
  return turn
}
