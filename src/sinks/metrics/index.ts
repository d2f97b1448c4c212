/**
 * Prometheus metrics of finished exchanges and of the gateway's own health. Label values that clients choose are bounded, so that
 * no one can fill the memory with invented model names.
 */
import { Counter, Gauge, Registry } from 'prom-client'
import type { Metric } from 'prom-client'
import type { CircuitState } from '../../kernel/signals.ts'
import type { Sink } from '../../kernel/sink.ts'
import type { StrategyEvent } from '../../kernel/strategy.ts'
import { nanoPerUsd } from '../../model/money.ts'
import type { CheckOutcome, CheckTier } from '../../model/check-tier.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import type { Fault } from '../../model/fault.ts'
import { CounterFamily, HistogramFamily } from './metric-families.ts'
import type { Bins, Cell } from './metric-families.ts'

/** Read when the metrics are asked for. */
/** What is read when it is asked for, by a label's value. */
type ReadByLabel = () => ReadonlyMap<string, number>

export interface GaugeSources {
  /** Requests being handled, streams included. */
  readonly inFlight: () => number
  readonly connections: () => number
  /** Bytes of records that wait for the disk. */
  readonly journalPendingBytes: () => number
  /** Bytes of the journal that the database does not have so far. */
  readonly journalLagBytes: () => number
  readonly journalDropped: () => number
  readonly journalFailures: () => number
  readonly planRevision: () => number
  /** By provider: its credentials that are left alone for now. */
  readonly restingCredentials: () => ReadonlyMap<string, number>
  /** By deployment: 0 to 100. */
  readonly deploymentHealth: () => ReadonlyMap<string, number>
  /** By provider: deployments that are left alone because they fail. */
  readonly openCircuits: () => ReadonlyMap<string, number>
  /** By router: the share of its requests that its canary has, 0 to 1. */
  readonly canaryShares: () => ReadonlyMap<string, number>
  /** By provider or deployment, where one has a limit. */
  readonly concurrency: () => ReadonlyMap<string, ConcurrencyFigures>
  /** By provider: attempts that were not made, because too much is asked again. */
  readonly refusedRetries: () => ReadonlyMap<string, number>
  /** Answers of the Responses API that the database did not take. */
  readonly unkeptResponses: () => number
  /** Responses that run or wait without their client. */
  readonly backgroundResponses: () => number
  /** Milliseconds; the delay of the event loop at the 99th percentile since the last call. */
  readonly eventLoopDelayP99: () => number
}

interface ConcurrencyFigures {
  readonly inUse: number
  readonly waiting: number
  readonly limit: number
}

const concurrencyGauges: readonly (readonly [keyof ConcurrencyFigures, name: string, help: string])[] = [
  ['inUse', 'sluicegate_concurrent_requests', 'Requests under way where `max_concurrent` limits them.'],
  ['waiting', 'sluicegate_queued_requests', 'Requests that wait for `max_concurrent`.'],
  ['limit', 'sluicegate_concurrency_limit', 'What `max_concurrent` is, or was found to be.'],
]

const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
const overheadBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1]
/** Combinations of labels; beyond them the model is shown as `other`. */
const mostSeries = 2000

/** What makes exchanges count in the same places. */
type Kind = Pick<ExchangeRecord, 'surface' | 'deployment' | 'status' | 'outcome'>

interface Series {
  readonly kind: Kind
  readonly who: { readonly provider: string; readonly model: string }
  readonly requests: Cell
  readonly duration: Bins
  readonly firstByte: Bins
  readonly overhead: Bins
  readonly cost: Cell
  readonly unpriced: Cell
  readonly input: Cell
  readonly cached: Cell
  readonly cacheWritten: Cell
  readonly output: Cell
  readonly reasoning: Cell
}

export class Metrics implements Sink {
  readonly id = 'metrics'
  readonly #registry = new Registry()
  readonly #series = new Map<string, Series>()
  /** Of the last exchange: the next is often of the same kind. */
  #last: Series | undefined
  readonly #attempts = new Map<string, Cell>()
  #lastAttempt: { readonly deployment: string; readonly result: string; readonly cell: Cell } | undefined
  readonly #requests = this.#counter('sluicegate_requests_total', 'Finished exchanges.')
  readonly #refused = this.#counter(
    'sluicegate_refused_total',
    'Requests turned away before they were on record, by fault code.',
  )
  readonly #tokens = this.#counter(
    'sluicegate_tokens_total',
    'Tokens by kind; cached, cache_write and reasoning are shares of input and output.',
  )
  readonly #cost = this.#counter('sluicegate_cost_usd_total', 'Cost of answers in US dollars.')
  readonly #unpriced = this.#counter('sluicegate_unpriced_total', 'Answers whose price is not known.')
  readonly #attemptCount = this.#counter(
    'sluicegate_attempts_total',
    'Calls of providers, by fault code, ok or outrun.',
  )
  readonly #mirrors = this.#counter('sluicegate_mirrors_total', 'Answers for comparison, by their outcome.')
  readonly #checks = this.#counter(
    'sluicegate_checks_total',
    'Checks of deployments without traffic, by tier and outcome.',
  )
  readonly #circuitChanges = this.#counter(
    'sluicegate_circuit_changes_total',
    'Circuits that opened, closed or half opened.',
  )
  readonly #stumbles = this.#counter(
    'sluicegate_routing_stumbles_total',
    'Requests for which a strategy could not decide and took what it is configured to take then, by reason.',
  )
  readonly #canaryChanges = this.#counter(
    'sluicegate_canary_changes_total',
    'Canaries that began, were promoted or rolled back.',
  )
  readonly #circuitModels = new Set<string>()
  readonly #duration = this.#histogram(
    'sluicegate_request_duration_seconds',
    'From the request’s head to the last byte of the answer.',
    durationBuckets,
  )
  readonly #firstByte = this.#histogram(
    'sluicegate_time_to_first_byte_seconds',
    'From the request’s head to the first byte of the answer.',
    durationBuckets,
  )
  readonly #overhead = this.#histogram(
    'sluicegate_overhead_seconds',
    'The gateway’s own time in a request.',
    overheadBuckets,
  )

  constructor(sources: GaugeSources) {
    this.#gauge('sluicegate_in_flight_requests', 'Requests being handled.', sources.inFlight)
    this.#gauge('sluicegate_connections', 'Open client connections.', sources.connections)
    this.#gauge(
      'sluicegate_journal_pending_bytes',
      'Bytes of records that wait for the disk.',
      sources.journalPendingBytes,
    )
    this.#gauge(
      'sluicegate_journal_lag_bytes',
      'Bytes of the journal that the database does not have.',
      sources.journalLagBytes,
    )
    this.#total(
      'sluicegate_journal_dropped_total',
      'Records lost because the disk did not take them and the bound was hit.',
      sources.journalDropped,
    )
    this.#total('sluicegate_journal_failures_total', 'Failed writes of the journal.', sources.journalFailures)
    this.#total(
      'sluicegate_responses_unkept_total',
      'Answers of the Responses API that could not be kept.',
      sources.unkeptResponses,
    )
    this.#gauge(
      'sluicegate_background_responses',
      'Background responses that run or wait.',
      sources.backgroundResponses,
    )
    this.#gaugeBy(
      'provider',
      'sluicegate_resting_credentials',
      'Credentials that are left alone for now, because they were refused or are used up.',
      sources.restingCredentials,
    )
    this.#gaugeBy(
      'deployment',
      'sluicegate_deployment_health',
      'How well a deployment does, 0 to 100.',
      sources.deploymentHealth,
    )
    this.#gaugeBy(
      'provider',
      'sluicegate_open_circuits',
      'Deployments that are left alone for now, because they failed again and again.',
      sources.openCircuits,
    )
    this.#gaugeBy(
      'router',
      'sluicegate_canary_share',
      'Share of a router’s requests that its canary has, 0 to 1.',
      sources.canaryShares,
    )
    for (const [member, name, help] of concurrencyGauges)
      this.#gaugeBy(
        'place',
        name,
        help,
        () => new Map([...sources.concurrency()].map(([place, figures]) => [place, figures[member]])),
      )
    this.#totalBy(
      'provider',
      'sluicegate_refused_retries_total',
      'Attempts that were not made, because too much of what comes to the provider comes to it again.',
      sources.refusedRetries,
    )
    this.#gauge('sluicegate_plan_revision', 'Counts up with every reload of the configuration.', sources.planRevision)
    this.#gauge(
      'sluicegate_event_loop_delay_seconds',
      'Delay of the event loop, 99th percentile since the last scrape.',
      () => sources.eventLoopDelayP99() / 1000,
    )
    this.#gauge('sluicegate_resident_memory_bytes', 'Resident memory of the process.', () => process.memoryUsage.rss())
    this.#total(
      'sluicegate_cpu_seconds_total',
      'Processor time used by the process.',
      () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
    )
  }

  /** An answer for comparison was not made, because as many as may be were under way. */
  checked(tier: CheckTier, outcome: CheckOutcome): void {
    this.#checks.cell({ tier, outcome }).value += 1
  }

  mirrorDropped(): void {
    this.#mirrors.cell({ provider: 'none', model: 'none', outcome: 'dropped' }).value += 1
  }

  /** A request that was turned away before it was on record. */
  refused(fault: Fault): void {
    this.#refused.cell({ fault: fault.code }).value += 1
  }

  circuitChanged({ deployment, to }: { readonly deployment: string; readonly to: CircuitState }): void {
    const slash = deployment.indexOf('/')
    const [provider, model] = [deployment.slice(0, slash), deployment.slice(slash + 1)]
    const known = this.#circuitModels.size < mostSeries || this.#circuitModels.has(deployment)
    if (known) this.#circuitModels.add(deployment)
    this.#circuitChanges.cell({ provider, model: known ? model : 'other', to }).value += 1
  }

  routingEvent({ router, event }: { readonly router: string; readonly event: StrategyEvent }): void {
    if (event.kind === 'stumbled') this.#stumbles.cell({ router, reason: event.reason }).value += 1
    else this.#canaryChanges.cell({ router, to: event.state }).value += 1
  }

  async render(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() }
  }

  write(record: ExchangeRecord): void {
    const series = this.#last !== undefined && isSame(this.#last.kind, record) ? this.#last : this.#seriesOf(record)
    if (record.mirrorOf === undefined) {
      if (record.check === undefined) this.#count(record, series)
    } else this.#mirrors.cell({ ...series.who, outcome: record.outcome }).value += 1
    if (record.cost !== undefined) series.cost.value += record.cost / nanoPerUsd
    if (record.unpriced === true) series.unpriced.value += 1
    if (record.usage !== undefined) {
      const { input, output } = record.usage
      series.input.value += input.total
      series.output.value += output.total
      if (input.cacheRead !== undefined) series.cached.value += input.cacheRead
      if (input.cacheWrite !== undefined) series.cacheWritten.value += input.cacheWrite
      if (output.reasoning !== undefined) series.reasoning.value += output.reasoning
    }
    for (const { provider, deployment, fault, outrun } of record.attempts)
      this.#attemptsOf(provider, deployment, outrun === true ? 'outrun' : (fault ?? 'ok')).value += 1
  }

  /** What clients see. */
  #count(record: ExchangeRecord, series: Series): void {
    series.requests.value += 1
    this.#duration.observe(series.duration, record.durationMs / 1000)
    if (record.firstByteMs !== undefined) this.#firstByte.observe(series.firstByte, record.firstByteMs / 1000)
    this.#overhead.observe(series.overhead, record.overheadMs / 1000)
  }

  /** The label sets of one kind of exchange, looked up once and kept: resolving labels costs more than counting. */
  #seriesOf(record: ExchangeRecord): Series {
    const key = `${record.surface}\n${record.deployment ?? ''}\n${record.status}\n${record.outcome}`
    const known = this.#series.get(key)
    if (known !== undefined) return (this.#last = known)
    const full = this.#series.size >= mostSeries
    if (full && this.#series.has('other')) return this.#series.get('other') as Series
    const provider = full ? 'other' : (record.provider ?? 'none')
    const model = full ? 'other' : modelLabel(record)
    const surface = full ? 'other' : record.surface
    const place = { surface, provider, model }
    const who = { provider, model }
    const { deployment, status, outcome } = record
    const series: Series = {
      kind: { surface: record.surface, ...(deployment !== undefined && { deployment }), status, outcome },
      who,
      requests: this.#requests.cell({
        ...place,
        status: full ? 'other' : String(record.status),
        outcome: full ? 'other' : record.outcome,
      }),
      duration: this.#duration.bins(place),
      firstByte: this.#firstByte.bins(place),
      overhead: this.#overhead.bins(place),
      cost: this.#cost.cell(who),
      unpriced: this.#unpriced.cell(who),
      input: this.#tokens.cell({ ...who, kind: 'input' }),
      cached: this.#tokens.cell({ ...who, kind: 'cached' }),
      cacheWritten: this.#tokens.cell({ ...who, kind: 'cache_write' }),
      output: this.#tokens.cell({ ...who, kind: 'output' }),
      reasoning: this.#tokens.cell({ ...who, kind: 'reasoning' }),
    }
    this.#series.set(full ? 'other' : key, series)
    return series
  }

  #attemptsOf(provider: string, deployment: string, result: string): Cell {
    const last = this.#lastAttempt
    if (last?.deployment === deployment && last.result === result) return last.cell
    const key = `${deployment}\n${result}`
    let counter = this.#attempts.get(key)
    if (counter === undefined) {
      const full = this.#attempts.size >= mostSeries
      const model = full ? 'other' : deployment.slice(provider.length + 1)
      counter = this.#attemptCount.cell({ provider: full ? 'other' : provider, model, result })
      if (!full) this.#attempts.set(key, counter)
    }
    this.#lastAttempt = { deployment, result, cell: counter }
    return counter
  }

  #counter(name: string, help: string): CounterFamily {
    const family = new CounterFamily(name, help)
    this.#registry.registerMetric(family as unknown as Metric)
    return family
  }

  #histogram(name: string, help: string, bounds: readonly number[]): HistogramFamily {
    const family = new HistogramFamily(name, help, bounds)
    this.#registry.registerMetric(family as unknown as Metric)
    return family
  }

  /** A count that somebody else keeps. */
  #total(name: string, help: string, read: () => number): void {
    const counter: Counter = new Counter({
      name,
      help,
      registers: [],
      collect() {
        this.reset()
        this.inc(read())
      },
    })
    this.#registry.registerMetric(counter)
  }

  #totalBy(label: string, name: string, help: string, read: ReadByLabel): void {
    this.#by(Counter, label, { name, help }, read)
  }

  #gaugeBy(label: string, name: string, help: string, read: ReadByLabel): void {
    this.#by(Gauge, label, { name, help }, read)
  }

  #by(
    Kind: typeof Counter | typeof Gauge,
    label: string,
    about: { readonly name: string; readonly help: string },
    read: ReadByLabel,
  ): void {
    const metric: Counter | Gauge = new Kind({
      ...about,
      labelNames: [label],
      registers: [],
      collect() {
        metric.reset()
        for (const [value, figure] of read()) metric.inc({ [label]: value }, figure)
      },
    })
    this.#registry.registerMetric(metric)
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(read())
      },
    })
    this.#registry.registerMetric(gauge)
  }
}

const isSame = (one: Kind, other: Kind): boolean =>
  one.deployment === other.deployment &&
  one.status === other.status &&
  one.outcome === other.outcome &&
  one.surface === other.surface

/** The provider's own name of the model, as the deployment says it: `openai/gpt-4o` → `gpt-4o`. */
function modelLabel({ provider, deployment }: ExchangeRecord): string {
  return provider === undefined || deployment === undefined ? 'none' : deployment.slice(provider.length + 1)
}
