/**
 * One strategy in one scenario, in virtual time: the gateway's own strategies, signals, circuits and rests, and a loop that goes through
 * the targets as the gateway's does in one round. The oracle in its place knows what nobody can know.
 */
import { providers, strategies } from '../../src/builtins.gen.ts'
import { parseConfig } from '../../src/config/load.ts'
import type { ProviderSettings } from '../../src/config/types.ts'
import { CredentialStandings } from '../../src/control/credentials/credential-standings.ts'
import { SignalBook } from '../../src/control/signals/signal-book.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import type { Deployment } from '../../src/kernel/deployment.ts'
import { noPlace } from '../../src/kernel/strategy.ts'
import type { Strategy, StrategyTarget } from '../../src/kernel/strategy.ts'
import { seeded } from '../../src/kernel/seeded.ts'
import { sampleQuery } from '../../src/kernel/testing/strategy-fixtures.ts'
import { Fault } from '../../src/model/fault.ts'
import { beginAttempt, endAttempt } from '../../src/pipeline/attempt/tell-signals.ts'
import { restMsOf } from '../../src/pipeline/plan/route-tree.ts'
import { EventQueue } from './event-queue.ts'
import { length } from './scenarios.ts'
import { World, places } from './world.ts'
import type { Place, Scenario } from './world.ts'

export interface Outcome {
  readonly requests: number
  /** Requests that no target answered. */
  readonly failed: number
  /** Of those, the ones that began after a circuit had opened for the first time. */
  readonly failedBehindCircuits: number
  /** Calls of deployments, for each request one more than it needs at least. */
  readonly calls: number
  /** Milliseconds that clients waited, failed attempts included, ascending. */
  readonly waits: readonly number[]
  /** Nano-USD of all answers. */
  readonly cost: number
}

/** Undefined stands for the oracle: the quickest, or the cheapest, of those that work. */
export interface Contestant {
  readonly strategy?: Strategy
  readonly options?: object
  readonly oracle?: 'latency' | 'cost'
}

const requestsPerSecond = 40
/** Of an answer's time, what passes before its first byte. */
const firstShare = 0.3
const answerTokens = 200
/** As it is where nobody configures anything. */
const usual = parseConfig('providers: { usual: { use: sim } }', {
  file: 'bench',
  baseDir: '.',
  cwd: '.',
  env: {},
  registry: { providers, strategies },
}).config.providers.get('usual') as ProviderSettings

export function simulate(contestant: Contestant, scenario: Scenario, seed: number): Outcome {
  const random = seeded(seed)
  const world = new World(scenario, seeded(seed + 1))
  const queue = new EventQueue()
  let now = 0
  const clock: Clock = { now: () => now, monotonic: () => now, after: () => ({ cancel() {} }) }
  let opened = false
  const book = new SignalBook(clock, ({ to }) => (opened ||= to === 'open'))
  const standings = new CredentialStandings(clock, () => undefined)
  const placeOf = new Map(places.map((place) => [place.id, place]))
  const deployments = places.map((place) => deploymentOf(place, book, standings))
  const order = orderOf(contestant, deployments, world, random, () => now)

  const waits: number[] = []
  const sums = { requests: 0, failed: 0, failedBehindCircuits: 0, calls: 0, cost: 0 }

  function arrive(): void {
    sums.requests += 1
    const began = now
    const behindCircuits = opened
    const targets = asTheyStand(order(sums.requests))
    function attempt(index: number): void {
      const deployment = targets[index]
      const place = deployment === undefined ? undefined : placeOf.get(deployment.id)
      if (deployment === undefined || place === undefined) {
        sums.failed += 1
        if (behindCircuits) sums.failedBehindCircuits += 1
        return
      }
      sums.calls += 1
      const called = world.begin(place, now)
      const ticket = beginAttempt(deployment)
      queue.add(now + called.latency, () => {
        world.end(place)
        const fault = called.fault === undefined ? undefined : new Fault(called.fault, called.fault, { status: 503 })
        endAttempt(deployment, ticket, {
          fault,
          durationMs: called.latency,
          firstByteMs: called.latency * firstShare,
          stream: true,
          outputTokens: answerTokens,
        })
        if (fault === undefined) {
          deployment.standing.answered()
          deployment.signals.spent(called.cost)
          waits.push(now - began)
          sums.cost += called.cost
        } else {
          deployment.standing.failed(fault)
          attempt(index + 1)
        }
      })
    }
    attempt(0)
  }

  for (let at = 0; at < length * 1000; at += (-Math.log(1 - random()) * 1000) / requestsPerSecond) queue.add(at, arrive)
  for (let due = queue.next(); due !== undefined; due = queue.next()) {
    now = due.at
    due.run()
  }
  return { ...sums, waits: waits.toSorted((a, b) => a - b) }
}

function deploymentOf(place: Place, book: SignalBook, standings: CredentialStandings): Deployment {
  const settings: ProviderSettings = { ...usual, name: place.provider, credentials: ['one'] }
  const model = place.id.slice(place.provider.length + 1)
  return {
    id: place.id,
    provider: place.provider,
    model,
    signals: book.signalsOf(place.id),
    circuit: book.circuitOf(settings, 0, model),
    standing: standings.standingOf(settings, 0, model),
  } as unknown as Deployment
}

/** Those that rest or whose circuits are open are asked when nobody else is left, and then one of them. */
function asTheyStand(targets: readonly Deployment[]): readonly Deployment[] {
  const ready = targets.filter((target) => restMsOf(target) === 0)
  return ready.length > 0 ? ready : targets.slice(0, 1)
}

function orderOf(
  { strategy, options = {}, oracle }: Contestant,
  deployments: readonly Deployment[],
  world: World,
  random: () => number,
  now: () => number,
): (turn: number) => readonly Deployment[] {
  const placed = new Map(places.map((place) => [place.id, place]))
  const outlook = ({ id }: Deployment) => world.outlook(placed.get(id) as Place, now())
  if (strategy === undefined) {
    const by = oracle ?? 'latency'
    return () =>
      deployments
        .map((deployment) => ({ deployment, figure: outlook(deployment)[by] }))
        .toSorted((a, b) => (a.figure === b.figure ? 0 : a.figure - b.figure))
        .map(({ deployment }) => deployment)
  }
  const targets = deployments.map((deployment): StrategyTarget & { readonly deployment: Deployment } => ({
    id: deployment.id,
    options: strategy.targetOptions.parse({}),
    leaves: [deployment],
    deployment,
  }))
  const compiled = strategy.compile(targets, strategy.options.parse(options), noPlace)
  const query = sampleQuery({ expectedCost: (deployment) => outlook(deployment).cost })
  return (turn) => {
    const ordered = compiled(query, { random, now: now(), turn })
    if (ordered instanceof Promise) throw new Error(`${strategy.id} does not decide at once`)
    return ('targets' in ordered ? ordered.targets : ordered).map(({ deployment }) => deployment)
  }
}
