/** How several deployments do together, as those of one model: what a client sees who asks for the model, whoever answers. */
import { signalWindows } from '../../kernel/signals.ts'
import type { SignalWindow, WindowSums } from '../../kernel/signals.ts'
import { readRecent } from './live-signals.ts'
import type { LiveDeployment, RecentAttempts } from './live-signals.ts'
import { QuantileSketch } from './quantile-sketch.ts'

type Sketched = 'latency' | 'ttft' | 'throughput'

/** Read once and not kept: it does not follow what happens later. */
export class JointSignals {
  readonly #parts: readonly LiveDeployment[]
  readonly #recent: readonly RecentAttempts[]
  readonly #now: number

  constructor(parts: readonly LiveDeployment[], now: number) {
    this.#parts = parts
    this.#recent = parts.map((part) => part.recent())
    this.#now = now
  }

  get inFlight(): number {
    return this.#sum(({ inFlight }) => inFlight)
  }

  get requests(): number {
    return this.#sum(({ requests }) => requests)
  }

  latency(quantile: number): number | undefined {
    return this.#quantile('latency', quantile)
  }

  ttft(quantile: number): number | undefined {
    return this.#quantile('ttft', quantile)
  }

  throughput(): number | undefined {
    return this.#quantile('throughput', 0.5)
  }

  /** Of all recent attempts, whichever deployment they were made at. */
  errorRate(): number | undefined {
    let failed = 0
    let all = 0
    for (const [index, part] of this.#parts.entries()) {
      const attempts = this.#recent[index]?.attempts ?? 0
      failed += (part.errorRate() ?? 0) * attempts
      all += attempts
    }
    return all === 0 ? undefined : failed / all
  }

  /** Of the one that is best: a model is as well as the deployment that can still answer. */
  health(): number {
    return Math.max(...this.#parts.map((part) => part.health()))
  }

  windows(): Record<SignalWindow, WindowSums> {
    return Object.fromEntries(
      signalWindows.map((window) => [window, this.#parts.map((part) => part.window(window)).reduce(added)]),
    ) as Record<SignalWindow, WindowSums>
  }

  #sum(pick: (part: LiveDeployment) => number): number {
    return this.#parts.reduce((sum, part) => sum + pick(part), 0)
  }

  #quantile(kind: Sketched, quantile: number): number | undefined {
    const sketches = this.#recent.map((recent) => recent[kind]).filter((sketch) => sketch !== undefined)
    return readRecent(QuantileSketch.merged(sketches, this.#now), quantile, this.#now)
  }
}

const added = (a: WindowSums, b: WindowSums): WindowSums => ({
  requests: a.requests + b.requests,
  failures: a.failures + b.failures,
  answers: a.answers + b.answers,
  latencyMs: a.latencyMs + b.latencyMs,
  streams: a.streams + b.streams,
  ttftMs: a.ttftMs + b.ttftMs,
  outputTokens: a.outputTokens + b.outputTokens,
  writingMs: a.writingMs + b.writingMs,
  cost: a.cost + b.cost,
})
