/**
 * What a decision costs: for each strategy with ten targets, and five hundred deployments three routers deep; microseconds of processor time,
 * and whether memory grows over a million decisions. Usage: decisions.ts [--check] [--strategy ID]
 */
import { parseArgs } from 'node:util'
import { strategies } from '../src/builtins.gen.ts'
import { SignalBook } from '../src/control/signals/signal-book.ts'
import { systemClock } from '../src/kernel/clock.ts'
import type { Deployment } from '../src/kernel/deployment.ts'
import type { Route } from '../src/kernel/route.ts'
import { noPlace } from '../src/kernel/strategy.ts'
import type { Strategy } from '../src/kernel/strategy.ts'
import { closedCircuit, sampleQuery } from '../src/kernel/testing/strategy-fixtures.ts'
import { branchOf, leavesOf, routeOf } from '../src/pipeline/plan/route-tree.ts'
import type { BranchTarget, RouteNode } from '../src/pipeline/plan/route-tree.ts'

const { values } = parseArgs({ options: { check: { type: 'boolean' }, strategy: { type: 'string' } } })
/** Microseconds. */
const limits = { ten: 5, nested: 50, script: 40 }
const options: Readonly<Record<string, object>> = {
  optimized: { metric: 'latency' },
  consistent_hash: { by: 'user' },
  script: {
    code: '({ models }) => ({ model: models.find(({ health }) => health > 50)?.name ?? models[0].name })',
    default: 't0',
  },
}
const book = new SignalBook(systemClock, () => undefined)
const query = sampleQuery({ endUser: 'ada', expectedCost: () => 1000 })

function leaf(id: string): RouteNode {
  const signals = book.signalsOf(id)
  for (let count = 0; count < 50; count += 1) {
    signals.begin()
    signals.end({ durationMs: 200 + 20 * count, firstByteMs: 90, stream: true, outputTokens: 100 })
  }
  const deployment = {
    id,
    signals,
    circuit: closedCircuit,
    standing: { restMs: () => 0 },
    endpoints: new Map([['chat', []]]),
  } as unknown as Deployment
  return { kind: 'leaf', variants: [deployment], turn: 0 }
}

function branch(strategy: Strategy, nodes: readonly RouteNode[]): RouteNode {
  const targets = nodes.map((node, index): BranchTarget => ({
    id: `t${index}`,
    options: strategy.targetOptions.parse({}),
    node,
    leaves: leavesOf(node),
  }))
  const parsed = strategy.options.parse(options[strategy.id] ?? {})
  return branchOf(targets, (all) => strategy.compile(all, parsed, noPlace), strategy.id)
}

const tree = { random: Math.random, now: Date.now }
const flat = (strategy: Strategy): Route =>
  routeOf(
    'flat',
    branch(
      strategy,
      Array.from({ length: 10 }, (_, index) => leaf(`flat/${index}`)),
    ),
    tree,
  )
/** Five routers of ten routers of ten deployments. */
const nested = (strategy: Strategy): Route =>
  routeOf(
    'nested',
    branch(
      strategy,
      Array.from({ length: 5 }, (_outer, outer) =>
        branch(
          strategy,
          Array.from({ length: 10 }, (_middle, middle) =>
            branch(
              strategy,
              Array.from({ length: 10 }, (_inner, inner) => leaf(`n/${outer}/${middle}/${inner}`)),
            ),
          ),
        ),
      ),
    ),
    tree,
  )

function microseconds(route: Route, decisions: number): number {
  for (let count = 0; count < decisions / 4; count += 1) void route.order(query)
  let best = Infinity
  for (let round = 0; round < 3; round += 1) {
    const before = process.cpuUsage()
    for (let count = 0; count < decisions; count += 1) void route.order(query)
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / decisions)
  }
  return best
}

let missed = 0
console.log(`${'strategy'.padEnd(22)}${'10 targets'.padStart(12)}${'500 nested'.padStart(12)}`)
// Those that run code or ask models take another kind of time.
for (const strategy of (strategies as readonly Strategy[]).filter(({ configuredOnly }) => configuredOnly !== true)) {
  if (values.strategy !== undefined && values.strategy !== strategy.id) continue
  // A canary has two targets, a classifier asks somebody.
  if (strategy.id === 'canary' || strategy.id === 'classifier') continue
  if (strategy.id === 'script') {
    await strategy.prepare?.()
    const scripted = flat(strategy)
    await scripted.order(query)
    const each = microseconds(scripted, 4000)
    if (each > limits.script) missed += 1
    console.log(
      `${strategy.id.padEnd(22)}${`${each.toFixed(2)} µs`.padStart(12)}${each > limits.script ? '  over' : ''}`,
    )
    continue
  }
  const ten = microseconds(flat(strategy), 40_000)
  const many = microseconds(nested(strategy), 4000)
  const over = ten > limits.ten || many > limits.nested
  if (over) missed += 1
  console.log(
    `${strategy.id.padEnd(22)}${`${ten.toFixed(2)} µs`.padStart(12)}${`${many.toFixed(1)} µs`.padStart(12)}${over ? '  over' : ''}`,
  )
}

const route = flat((strategies as readonly Strategy[]).find(({ id }) => id === 'latency') as Strategy)
globalThis.gc?.()
const before = process.memoryUsage().heapUsed
for (let count = 0; count < 1_000_000; count += 1) void route.order(query)
globalThis.gc?.()
const grown = process.memoryUsage().heapUsed - before
console.log(
  `heap after a million decisions: ${(grown / 1024).toFixed(0)} KiB more${globalThis.gc === undefined ? ' (run with --expose-gc to be told)' : ''}`,
)
if (globalThis.gc !== undefined && grown > 256 * 1024) missed += 1
if (values.check === true && missed > 0) process.exitCode = 1
