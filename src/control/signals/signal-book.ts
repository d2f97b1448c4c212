/**
 * The signals of all deployments and the circuits of all their credentials. Signals outlive a reload; circuits belong to the settings
 * of their provider, so that whoever mended something there begins anew.
 */
import { isDeepStrictEqual } from 'node:util'
import type { ProviderSettings } from '../../config/types.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Circuit, CircuitState, DeploymentSignals, LiveSignals } from '../../kernel/signals.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { JointSignals } from './joint-signals.ts'
import { LiveDeployment } from './live-signals.ts'

export interface CircuitChange {
  readonly deployment: string
  /** Counted from 1, where the provider has several credentials. */
  readonly credential?: number
  readonly from: CircuitState
  readonly to: CircuitState
  /** Somebody has set it. */
  readonly held?: true
}

export interface CircuitView {
  readonly deployment: string
  readonly credential?: number
  readonly breaker: CircuitBreaker
}

/** Deployments that are remembered; clients choose the names of models. */
const mostDeployments = 5000

export class SignalBook {
  readonly #clock: Clock
  readonly #onChange: (change: CircuitChange) => void
  readonly #deployments = new Map<string, LiveDeployment>()
  readonly #circuits = new WeakMap<ProviderSettings, Map<string, CircuitView>>()
  /** By the provider's name. */
  readonly #latest = new Map<string, ProviderSettings>()

  constructor(clock: Clock, onChange: (change: CircuitChange) => void) {
    this.#clock = clock
    this.#onChange = onChange
  }

  signalsOf(deployment: string): DeploymentSignals {
    const known = this.#deployments.get(deployment)
    if (known !== undefined) return known
    if (this.#deployments.size >= mostDeployments) this.#forgetSome()
    const live = new LiveDeployment(this.#clock)
    this.#deployments.set(deployment, live)
    return live
  }

  circuitOf(settings: ProviderSettings, index: number, model: string): Circuit {
    const deployment = `${settings.name}/${model}`
    const credential = settings.credentials.length > 1 ? { credential: index + 1 } : {}
    const key = `${index}/${model}`
    const circuits = this.#circuitsOf(settings)
    const known = circuits.get(key)
    if (known !== undefined) return known.breaker
    const breaker: CircuitBreaker = new CircuitBreaker({
      clock: this.#clock,
      settings: settings.circuit,
      onChange: (from, to) =>
        this.#onChange({ deployment, ...credential, from, to, ...(breaker.isHeld && { held: true }) }),
    })
    if (circuits.size >= mostDeployments)
      for (const [old, { breaker: idle }] of circuits) if (idle.state === 'closed') circuits.delete(old)
    circuits.set(key, { deployment, ...credential, breaker })
    return breaker
  }

  /** Settings that were loaded again as they were are the same settings: whoever changed something else has mended nothing here. */
  #circuitsOf(settings: ProviderSettings): Map<string, CircuitView> {
    const known = this.#circuits.get(settings)
    if (known !== undefined) return known
    const before = this.#latest.get(settings.name)
    const circuits =
      (before !== undefined && isDeepStrictEqual(before, settings) ? this.#circuits.get(before) : undefined) ??
      new Map<string, CircuitView>()
    this.#circuits.set(settings, circuits)
    this.#latest.set(settings.name, settings)
    return circuits
  }

  /** Of the providers of a plan. */
  circuits(providers: Iterable<ProviderSettings>): CircuitView[] {
    return [...providers].flatMap((settings) => [...(this.#circuits.get(settings)?.values() ?? [])])
  }

  /** How many are not closed, by provider; providers with circuits alone. */
  openCircuits(providers: Iterable<ProviderSettings>): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const settings of providers) {
      const circuits = this.#circuits.get(settings)
      if (circuits === undefined) continue
      counts.set(settings.name, [...circuits.values()].filter(({ breaker }) => breaker.state !== 'closed').length)
    }
    return counts
  }

  /** Those that were called at some time. */
  all(): ReadonlyMap<string, LiveSignals> {
    return this.#deployments
  }

  /** Of those among the deployments that were called at some time; undefined where none was. */
  together(deployments: Iterable<string>): JointSignals | undefined {
    const called: LiveDeployment[] = []
    for (const deployment of new Set(deployments)) {
      const live = this.#deployments.get(deployment)
      if (live !== undefined && (live.requests > 0 || live.inFlight > 0)) called.push(live)
    }
    return called.length === 0 ? undefined : new JointSignals(called, this.#clock.monotonic())
  }

  #forgetSome(): void {
    const idle = [...this.#deployments].filter(([, { inFlight }]) => inFlight === 0)
    idle.sort(([, a], [, b]) => a.lastUsedAt - b.lastUsedAt)
    for (const [deployment] of idle.slice(0, mostDeployments / 10)) this.#deployments.delete(deployment)
  }
}
