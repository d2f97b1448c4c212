/**
 * The plan of a configuration without a gateway around it: for commands that tell what would be served. Nothing is opened, no
 * data directory is touched, and no provider is called unless models are looked for.
 */
import { dialects, providers, strategies } from '../builtins.gen.ts'
import { readInlineRouter } from '../config/inline-router.ts'
import type { Config } from '../config/types.ts'
import { CredentialStandings } from '../control/credentials/credential-standings.ts'
import { QualityBook } from '../control/quality/quality-book.ts'
import { openQualityScores } from '../control/quality/scores.ts'
import type { PastContext } from '../control/routing/replay/replay.ts'
import { RetryBudgets } from '../control/signals/retry-budgets.ts'
import { SignalBook } from '../control/signals/signal-book.ts'
import { Discovery } from '../control/discovery.ts'
import { systemClock } from '../kernel/clock.ts'
import type { AnyDialect } from '../kernel/deployment.ts'
import type { Plan } from '../kernel/plan.ts'
import { noPlace } from '../kernel/strategy.ts'
import type { Transport } from '../kernel/transport.ts'
import { openModelData } from '../model-data.ts'
import type { ModelData } from '../model-data.ts'
import { compilePlan } from '../pipeline/plan/compile-plan.ts'
import type { DiscoveredModels } from '../pipeline/plan/compile-plan.ts'
import { discoverySources } from '../pipeline/plan/discovery-sources.ts'
import { signersIn } from '../signers.ts'
import { TransportPool } from '../transport-pool.ts'

const nothingDiscovered: DiscoveredModels = { version: 0, modelsOf: () => [], missed: () => undefined }

const nowhere: Transport = {
  dispatch() {
    throw new Error('this plan is only looked at')
  },
  [Symbol.asyncDispose]: () => Promise.resolve(),
}

export interface OfflineOptions {
  readonly discovered?: DiscoveredModels
  readonly data?: ModelData
  /** In place of what is known now, which is nothing. */
  readonly past?: PastContext
}

/** Throws a RangeError for a configuration that cannot be compiled. */
export async function compileOffline(
  config: Config,
  now: number,
  { discovered = nothingDiscovered, data, past }: OfflineOptions = {},
): Promise<Plan> {
  const dialectOf = new Map<string, AnyDialect>(dialects.map((dialect) => [dialect.id, dialect]))
  const used = new Set([...config.providers.values()].map(({ use }) => use))
  const { drivers, prices, catalog } = data ?? (await openModelData(used))
  const standings = new CredentialStandings(systemClock, () => undefined)
  const signals = new SignalBook(systemClock, () => undefined)
  const quality = new QualityBook(systemClock, openQualityScores(), () => config.quality)
  const retries = new RetryBudgets(systemClock)
  return compilePlan(config, {
    revision: 0,
    providers: drivers,
    strategies,
    readRouter: (router, text) => readInlineRouter(router, text, { providers, strategies }),
    discovered,
    random: () => 0,
    now: () => now,
    dialect(id) {
      const dialect = dialectOf.get(id)
      if (dialect === undefined) throw new RangeError(`there is no dialect "${id}"`)
      return dialect
    },
    transport: () => nowhere,
    signer: signersIn(() => ({ clock: systemClock, transport: nowhere })),
    standing: (settings, index, model) => standings.standingOf(settings, index, model),
    signals: (deployment) => signals.signalsOf(deployment),
    circuit: (settings, index, model) => signals.circuitOf(settings, index, model),
    slots: () => undefined,
    retries: (provider) => retries.of(provider),
    priceOf: (driver, model, at) => prices.priceOf(driver, model, at),
    catalogued: (driver) => catalog.modelsOf(driver),
    qualityOf: (deployment, model, task) => quality.qualityOf(deployment, model, task),
    place: (router) => ({ ...noPlace, router }),
    maxOutputOf: (driver, model) => catalog.factsOf(driver, model)?.maxOutput,
    contextOf: (driver, model) => catalog.factsOf(driver, model)?.context,
    knownModels: (driver) => prices.modelsOf(driver),
    ...past,
  })
}

export interface FoundModels {
  readonly discovered: DiscoveredModels
  /** Names of providers that were asked for their models and gave none in time. */
  readonly silent: readonly string[]
}

/** Asks the providers that tell their models only when asked, and waits for them no longer than `patienceMs`. */
export async function discoverModels(config: Config, patienceMs: number): Promise<FoundModels> {
  await using transports = new TransportPool(systemClock, Math.random)
  const sources = discoverySources(
    config,
    providers,
    (provider, settings) => transports.transportOf(provider, settings),
    signersIn((settings) => ({ clock: systemClock, transport: transports.network(settings) })),
  )
  const discovery = new Discovery(systemClock)
  discovery.watch(sources)
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, patienceMs)
    void discovery.settled().then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
  const found = new Map(sources.map(({ name }) => [name, discovery.modelsOf(name)]))
  discovery.watch([])
  return {
    discovered: { version: 1, modelsOf: (provider) => found.get(provider) ?? [], missed: () => undefined },
    silent: [...found].filter(([, models]) => models.length === 0).map(([name]) => name),
  }
}
