/**
 * What a model name leads to, as a tree: leaves are deployments (one variant for each credential, taken in turn), branches order
 * their children by a strategy. Flattening it for a request gives the deployments to try.
 */
import type { Random } from '../../kernel/clock.ts'
import { servesOperation } from '../../kernel/deployment.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type {
  DecidedHedge,
  Decision,
  FallbackReason,
  Route,
  RouteAdviser,
  RouteExplain,
  TranslationPolicy,
} from '../../kernel/route.ts'
import type { Order, Ordered, StrategyContext, StrategyQuery, StrategyTarget } from '../../kernel/strategy.ts'
import { distanceBetween, keeps } from '../../model/place.ts'
import type { Coordinates, Residency } from '../../model/place.ts'
import { HedgeAllowance } from './hedge-allowance.ts'

export interface Leaf {
  readonly kind: 'leaf'
  /** The same deployment with each of its credentials; at least one. */
  readonly variants: readonly Deployment[]
  /** Index of the variant whose turn it is. */
  turn: number
}

export interface BranchTarget extends StrategyTarget {
  readonly node: RouteNode
  /** Asked for comparison alone. */
  readonly shadow?: boolean
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
  /** Of its targets, how many may be at work on one request at the same time. */
  readonly atOnce: number
  readonly hedges: HedgeAllowance
  /** What it leads to keeps this, too. */
  readonly residency?: Residency
  /** What is nearer to the client comes first. */
  readonly nearest?: true
  /** Requests that it has ordered. */
  turn: number
}

export type RouteNode = Leaf | Branch

export interface BranchOptions {
  readonly label?: string
  readonly atOnce?: number
  readonly advisers?: readonly RouteAdviser[]
  readonly residency?: Residency
  readonly nearest?: true
}

export function branchOf(
  targets: readonly BranchTarget[],
  compile: Branch['compile'],
  { label, atOnce = 1, advisers = [], residency, nearest }: BranchOptions = {},
): Branch {
  return {
    kind: 'branch',
    ...(label !== undefined && { label }),
    ...(residency !== undefined && { residency }),
    ...(nearest === true && { nearest }),
    targets,
    order: compile(targets),
    compile,
    atOnce,
    advisers,
    hedges: new HedgeAllowance(),
    turn: 0,
  }
}

/** The same tree with other leaves. */
export function withLeaves(node: RouteNode, change: (deployment: Deployment) => Deployment): RouteNode {
  if (node.kind === 'leaf') return { kind: 'leaf', variants: node.variants.map(change), turn: 0 }
  const targets = node.targets.map((target): BranchTarget => {
    const inner = withLeaves(target.node, change)
    return { ...target, node: inner, leaves: leavesOf(inner) }
  })
  return branchOf(targets, node.compile, node)
}

export interface TreeContext {
  readonly random: Random
  readonly now: () => number
}

export interface RoutePolicy {
  readonly translation?: TranslationPolicy
  readonly commit?: number
  readonly fallbacks?: Readonly<Partial<Record<FallbackReason, RouteNode>>>
}

export function routeOf(
  name: string,
  root: RouteNode,
  { random, now }: TreeContext,
  { translation, commit, fallbacks }: RoutePolicy = {},
): Route {
  const walked = (node: RouteNode, query: StrategyQuery, explain?: RouteExplain): Decision | Promise<Decision> => {
    const walk = new Walk(query, { random, now: now() }, { explain, tellsWay })
    const visited = walk.visit(node, node === root ? [] : [name], { leads: true, within: [] })
    return visited instanceof Promise ? visited.then(() => walk.decision) : walk.decision
  }
  const deployments: Deployment[] = []
  const paths = new Map<Deployment, string>()
  let tellsWay = collect(root, [], deployments, paths)
  const advisers = advisersOf(root)
  const only: Decision | undefined =
    deployments.length === 1 && root.kind === 'leaf' ? { targets: [...deployments] } : undefined
  for (const node of Object.values(fallbacks ?? {})) tellsWay = collect(node, [name], deployments, paths) || tellsWay
  return {
    name,
    deployments,
    ...(advisers.length > 0 && { advisers }),
    ...(root.kind === 'branch' && root.choosesFreely === true && { choosesFreely: true }),
    atOnce: atOnceIn(root),
    ...(translation !== undefined && { translation }),
    ...(commit !== undefined && { commit }),
    ...(root.kind === 'branch' && root.residency !== undefined && { residency: root.residency }),
    order: (query, explain) =>
      only?.targets.every((one) => query.admits(one)) === true ? only : walked(root, query, explain),
    ...(fallbacks !== undefined && {
      fallbacks: Object.fromEntries(
        Object.entries(fallbacks).map(([reason, node]) => [reason, (query: StrategyQuery) => walked(node, query)]),
      ),
    }),
    pathOf: (deployment) => paths.get(deployment),
  }
}

/** True when there is a deployment that more than one way leads to. */
function collect(
  node: RouteNode,
  path: readonly string[],
  into: Deployment[],
  paths: Map<Deployment, string>,
): boolean {
  if (node.kind === 'leaf') {
    into.push(...node.variants)
    let isShared = false
    for (const variant of path.length === 0 ? [] : node.variants) {
      const way = wayTo(variant, path)
      const known = paths.get(variant)
      if (known === undefined) paths.set(variant, way)
      else isShared ||= known !== way
    }
    return isShared
  }
  const inner = node.label === undefined ? path : [...path, node.label]
  let isShared = false
  for (const { node: below, shadow } of node.targets)
    isShared = collect(below, inner, shadow === true ? [] : into, paths) || isShared
  return isShared
}

const wayTo = ({ id }: Deployment, path: readonly string[]): string => [...path, id].join(' > ')

/** Whom a node asks before it decides. */
export const advisersOf = (node: RouteNode): RouteAdviser[] =>
  node.kind === 'leaf' ? [] : [...node.advisers, ...node.targets.flatMap((target) => advisersOf(target.node))]

const atOnceIn = (node: RouteNode): number =>
  node.kind === 'leaf'
    ? 1
    : Math.max(node.atOnce, ...node.targets.map((target) => (target.shadow === true ? 1 : atOnceIn(target.node))))

/** The deployments that a node leads to, each once whatever its credentials. */
export function leavesOf(node: RouteNode): Deployment[] {
  if (node.kind === 'branch')
    return node.targets.flatMap(({ node: below, shadow }) => (shadow === true ? [] : leavesOf(below)))
  return node.variants.slice(0, 1)
}

/** Deployments that may be called now which one request is tried at, at most: who has failed at so many is not served by another. */
const mostReady = 24

interface Visit {
  /** Only what leads has had its turn: what stands further behind is hardly ever asked. */
  readonly leads: boolean
  /** What the routers on the way keep. */
  readonly within: Residency
}

class Walk {
  readonly #query: StrategyQuery
  readonly #context: Omit<StrategyContext, 'turn' | 'explain'>
  readonly #explain: RouteExplain | undefined
  /** How the targets were reached, where that has to be told. */
  readonly #ways: Map<Deployment, string> | undefined
  #targets: Deployment[] = []
  /** Of the targets, those that may be called now and serve what is asked. */
  #ready = 0
  #mirrors: Deployment[][] | undefined
  #hedge: DecidedHedge | undefined

  constructor(
    query: StrategyQuery,
    context: Omit<StrategyContext, 'turn' | 'explain'>,
    { explain, tellsWay }: { readonly explain: RouteExplain | undefined; readonly tellsWay: boolean },
  ) {
    this.#query = query
    this.#context = context
    this.#explain = explain
    this.#ways = tellsWay ? new Map() : undefined
  }

  get decision(): Decision {
    if (this.#ways !== undefined) this.#query.went?.(this.#ways)
    return {
      targets: this.#targets,
      ...(this.#mirrors !== undefined && { mirrors: this.#mirrors }),
      ...(this.#hedge !== undefined && { hedge: this.#hedge }),
    }
  }

  visit(node: RouteNode, path: readonly string[], { leads, within }: Visit): void | Promise<void> {
    if (node.kind === 'leaf') return this.#addVariants(node, path, { leads, within })
    const { turn, residency } = node
    const visit = residency === undefined ? { leads, within } : { leads, within: [...within, ...residency] }
    const explain = this.#explain
    if (leads && explain === undefined) node.turn = (turn + 1) % Number.MAX_SAFE_INTEGER
    const isTold = explain !== undefined || this.#ways !== undefined
    const inner = node.label === undefined || !isTold ? path : [...path, node.label]
    const ordered = node.order(this.#query, {
      ...this.#context,
      turn,
      ...(explain !== undefined && { explain: (target, verdict) => explain(inner, target, verdict) }),
    })
    return ordered instanceof Promise
      ? ordered.then((result) => this.#follow(node, result, inner, visit))
      : this.#follow(node, ordered, inner, visit)
  }

  #follow(
    { hedges, nearest }: Branch,
    ordered: readonly BranchTarget[] | Ordered<BranchTarget>,
    path: readonly string[],
    visit: Visit,
  ): void | Promise<void> {
    const near = (targets: readonly BranchTarget[]): readonly BranchTarget[] =>
      nearest === true ? nearestFirst(targets, this.#query.coordinates) : targets
    if (Array.isArray(ordered)) return this.#visitAll(near(ordered as readonly BranchTarget[]), path, visit)
    const { targets, mirrors, hedge } = ordered as Ordered<BranchTarget>
    const { leads, within } = visit
    // Only the way that is gone first is mirrored or hedged.
    let lanes: Deployment[][] | undefined
    if (leads && hedge !== undefined) {
      const { after, most, share } = hedge
      if (this.#explain === undefined) hedges.earn(share)
      if (this.#hedge === undefined) {
        let granted = false
        lanes = []
        // A request is hedged or it is not, however many are asked for it.
        this.#hedge = { after, most, lanes, allowed: () => (granted ||= hedges.take()) }
      }
    }
    const followed = this.#visitAll(near(targets), path, visit, lanes)
    if (mirrors === undefined || !leads) return followed
    return followed instanceof Promise
      ? followed.then(() => this.#addMirrors(mirrors, path, within))
      : this.#addMirrors(mirrors, path, within)
  }

  /** `lanes` takes what each of the targets leads to. */
  #visitAll(
    targets: readonly BranchTarget[],
    path: readonly string[],
    { leads, within }: Visit,
    lanes?: Deployment[][],
  ): void | Promise<void> {
    for (let index = 0; index < targets.length; index += 1) {
      const target = targets[index]
      if (target === undefined) continue
      if (this.#ready >= mostReady && this.#explain === undefined) return undefined
      const from = this.#targets.length
      const visited = this.visit(target.node, path, { leads: leads && index === 0, within })
      if (visited instanceof Promise)
        return visited.then(() => {
          lanes?.push(this.#targets.slice(from))
          return this.#visitAll(targets.slice(index + 1), path, { leads: false, within }, lanes)
        })
      lanes?.push(this.#targets.slice(from))
    }
    return undefined
  }

  async #addMirrors(mirrors: readonly BranchTarget[], path: readonly string[], within: Residency): Promise<void> {
    const targets = this.#targets
    const ready = this.#ready
    for (const mirror of mirrors) {
      this.#targets = []
      this.#ready = 0
      await this.visit(mirror.node, path, { leads: false, within })
      ;(this.#mirrors ??= []).push(this.#targets)
    }
    this.#targets = targets
    this.#ready = ready
  }

  #addVariants(leaf: Leaf, path: readonly string[], { leads, within }: Visit): void {
    const { variants } = leaf
    const [one] = variants
    // All variants are in the same place.
    if (one === undefined || !this.#query.admits(one) || !keeps(within, one.place)) return
    const first = readyFrom(leaf)
    if (leads && this.#explain === undefined) leaf.turn = (first + 1) % variants.length
    for (let step = 0; step < variants.length; step += 1) {
      const variant = variants[(first + step) % variants.length]
      if (variant === undefined) continue
      this.#targets.push(variant)
      if (this.#ways?.has(variant) === false) this.#ways.set(variant, wayTo(variant, path))
      if (restMsOf(variant) === 0 && servesOperation(variant, this.#query.operation)) this.#ready += 1
    }
  }
}

/** Targets of which nobody knows where they are come last; the order stays where two are equally near. */
export function nearestFirst<T extends StrategyTarget>(
  targets: readonly T[],
  from: Coordinates | undefined,
): readonly T[] {
  if (from === undefined) return targets
  const distance = ({ leaves }: T): number =>
    Math.min(...leaves.map(({ place }) => (place?.at === undefined ? Infinity : distanceBetween(from, place.at))))
  const measured = targets.map((target) => ({ target, far: distance(target) }))
  return measured.toSorted((a, b) => (a.far === b.far ? 0 : a.far - b.far)).map(({ target }) => target)
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
