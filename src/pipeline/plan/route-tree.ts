/**
 * What a model name leads to, as a tree: leaves are deployments (one variant for each credential, taken in turn), branches order
 * their children by a strategy. Flattening it for a request gives the deployments to try.
 */
import type { Random } from '../../kernel/clock.ts'
import { servesOperation } from '../../kernel/deployment.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Decision, Route, RouteAdviser, RouteExplain, TranslationPolicy } from '../../kernel/route.ts'
import type { Order, Ordered, StrategyContext, StrategyQuery, StrategyTarget } from '../../kernel/strategy.ts'

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
  /** `main:weighted`; undefined where no router decides, but the order in which a model's deployments are configured. */
  readonly label?: string
  readonly targets: readonly BranchTarget[]
  readonly order: Order<BranchTarget>
  /** Makes an order of other targets in the same places. */
  readonly compile: (targets: readonly BranchTarget[]) => Order<BranchTarget>
  /** It chooses among whatever the key may use. */
  readonly choosesFreely?: true
  /** Whom its strategy may ask. */
  readonly advisers: readonly RouteAdviser[]
  /** Requests that it has ordered. */
  turn: number
}

export type RouteNode = Leaf | Branch

export function branchOf(
  targets: readonly BranchTarget[],
  compile: Branch['compile'],
  label?: string,
  advisers: Branch['advisers'] = [],
): Branch {
  const order = compile(targets)
  return { kind: 'branch', ...(label !== undefined && { label }), targets, order, compile, advisers, turn: 0 }
}

/** The same tree with other leaves. */
export function withLeaves(node: RouteNode, change: (deployment: Deployment) => Deployment): RouteNode {
  if (node.kind === 'leaf') return { kind: 'leaf', variants: node.variants.map(change), turn: 0 }
  const targets = node.targets.map((target): BranchTarget => {
    const inner = withLeaves(target.node, change)
    return { ...target, node: inner, leaves: leavesOf(inner) }
  })
  return branchOf(targets, node.compile, node.label, node.advisers)
}

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
  const paths = new Map<Deployment, string>()
  collect(root, [], deployments, paths)
  const advisers = advisersOf(root)
  const only: Decision | undefined =
    deployments.length === 1 && root.kind === 'leaf' ? { targets: deployments } : undefined
  return {
    name,
    deployments,
    ...(advisers.length > 0 && { advisers }),
    ...(root.kind === 'branch' && root.choosesFreely === true && { choosesFreely: true }),
    ...(translation !== undefined && { translation }),
    order(query, explain) {
      if (only !== undefined) return only
      const walk = new Walk(query, { random, now: now() }, explain)
      const visited = walk.visit(root, [], true)
      return visited instanceof Promise ? visited.then(() => walk.decision) : walk.decision
    },
    pathOf: (deployment) => paths.get(deployment),
  }
}

function collect(node: RouteNode, path: readonly string[], into: Deployment[], paths: Map<Deployment, string>): void {
  if (node.kind === 'leaf') {
    into.push(...node.variants)
    if (path.length > 0)
      for (const variant of node.variants)
        if (!paths.has(variant)) paths.set(variant, [...path, variant.id].join(' > '))
    return
  }
  const inner = node.label === undefined ? path : [...path, node.label]
  for (const target of node.targets) collect(target.node, inner, into, paths)
}

const advisersOf = (node: RouteNode): RouteAdviser[] =>
  node.kind === 'leaf' ? [] : [...node.advisers, ...node.targets.flatMap((target) => advisersOf(target.node))]

/** The deployments below a node, each once whatever its credentials. */
export function leavesOf(node: RouteNode): Deployment[] {
  if (node.kind === 'branch') return node.targets.flatMap((target) => leavesOf(target.node))
  return node.variants.slice(0, 1)
}

/** Deployments that may be called now which one request is tried at, at most: who has failed at so many is not served by another. */
const mostReady = 24

class Walk {
  readonly #query: StrategyQuery
  readonly #context: Omit<StrategyContext, 'turn' | 'explain'>
  readonly #explain: RouteExplain | undefined
  #targets: Deployment[] = []
  /** Of the targets, those that may be called now and serve what is asked. */
  #ready = 0
  #mirrors: Deployment[][] | undefined
  #hedgeAfter: number | undefined

  constructor(
    query: StrategyQuery,
    context: Omit<StrategyContext, 'turn' | 'explain'>,
    explain: RouteExplain | undefined,
  ) {
    this.#query = query
    this.#context = context
    this.#explain = explain
  }

  get decision(): Decision {
    return {
      targets: this.#targets,
      ...(this.#mirrors !== undefined && { mirrors: this.#mirrors }),
      ...(this.#hedgeAfter !== undefined && { hedgeAfter: this.#hedgeAfter }),
    }
  }

  /** Only what `leads` has had its turn: what stands further behind is hardly ever asked. */
  visit(node: RouteNode, path: readonly string[], leads: boolean): void | Promise<void> {
    if (node.kind === 'leaf') return this.#addVariants(node, leads)
    const { turn } = node
    const explain = this.#explain
    if (leads && explain === undefined) node.turn = (turn + 1) % Number.MAX_SAFE_INTEGER
    const inner = node.label === undefined || explain === undefined ? path : [...path, node.label]
    const ordered = node.order(this.#query, {
      ...this.#context,
      turn,
      ...(explain !== undefined && { explain: (target, verdict) => explain(inner, target, verdict) }),
    })
    return ordered instanceof Promise
      ? ordered.then((result) => this.#follow(result, inner, leads))
      : this.#follow(ordered, inner, leads)
  }

  #follow(
    ordered: readonly BranchTarget[] | Ordered<BranchTarget>,
    path: readonly string[],
    leads: boolean,
  ): void | Promise<void> {
    if (Array.isArray(ordered)) return this.#visitAll(ordered as readonly BranchTarget[], path, leads)
    const { targets, mirrors, hedgeAfter } = ordered as Ordered<BranchTarget>
    // Only the way that is gone first is mirrored or hedged.
    if (leads && hedgeAfter !== undefined) this.#hedgeAfter = hedgeAfter
    const followed = this.#visitAll(targets, path, leads)
    if (mirrors === undefined || !leads) return followed
    return followed instanceof Promise
      ? followed.then(() => this.#addMirrors(mirrors, path))
      : this.#addMirrors(mirrors, path)
  }

  #visitAll(targets: readonly BranchTarget[], path: readonly string[], leads: boolean): void | Promise<void> {
    for (let index = 0; index < targets.length; index += 1) {
      const target = targets[index]
      if (target === undefined) continue
      if (this.#ready >= mostReady && this.#explain === undefined) return undefined
      const visited = this.visit(target.node, path, leads && index === 0)
      if (visited instanceof Promise) return visited.then(() => this.#visitAll(targets.slice(index + 1), path, false))
    }
    return undefined
  }

  async #addMirrors(mirrors: readonly BranchTarget[], path: readonly string[]): Promise<void> {
    const targets = this.#targets
    const ready = this.#ready
    for (const mirror of mirrors) {
      this.#targets = []
      this.#ready = 0
      await this.visit(mirror.node, path, false)
      ;(this.#mirrors ??= []).push(this.#targets)
    }
    this.#targets = targets
    this.#ready = ready
  }

  #addVariants(leaf: Leaf, leads: boolean): void {
    const { variants } = leaf
    const first = readyFrom(leaf)
    if (leads && this.#explain === undefined) leaf.turn = (first + 1) % variants.length
    for (let step = 0; step < variants.length; step += 1) {
      const variant = variants[(first + step) % variants.length]
      if (variant === undefined) continue
      this.#targets.push(variant)
      if (restMsOf(variant) === 0 && servesOperation(variant, this.#query.operation)) this.#ready += 1
    }
  }
}

/** Whose turn it is, those that rest passed over; when all rest, the next all the same. */
function readyFrom({ variants, turn }: Leaf): number {
  if (variants.length === 1) return 0
  for (let step = 0; step < variants.length; step += 1) {
    const index = (turn + step) % variants.length
    const variant = variants[index]
    if (variant !== undefined && restMsOf(variant) === 0) return index
  }
  return turn
}

/** Milliseconds that a deployment should be left alone for: its credential was refused, or it failed too often. */
export const restMsOf = ({ standing, circuit }: Deployment): number => Math.max(standing.restMs(), circuit.waitMs())
