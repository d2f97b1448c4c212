/** How one deployment does, learnt from its attempts: a few additions for each, in fixed memory. */
import type { Clock } from '../../kernel/clock.ts'
import { countsAgainst } from '../../kernel/signals.ts'
import type { AttemptOutcome, DeploymentSignals, SignalWindow, WindowSums } from '../../kernel/signals.ts'
import type { FaultCode } from '../../model/fault.ts'
import type { NanoUsd } from '../../model/money.ts'
import { DecayedRatio } from './decayed-ratio.ts'
import { QuantileSketch } from './quantile-sketch.ts'
import { RollingSums } from './rolling-sums.ts'

/** Milliseconds after which an answer counts half: quick enough to see a slow-down, slow enough not to see ghosts. */
const halfLife = 120_000
const errorHalfLife = 60_000
/** Of the load that it is used to. */
const loadHalfLife = 5000
/** Of answers that are older than that together nothing is known any more. */
const leastWeight = 0.05

/** A deployment that nothing is known of is taken to be well: as if it had had so many good answers. */
const benefitOfDoubt = 1
/** How many times slower than in the last hour is still as usual. */
const usualSwing = 1.5
/** What remains of the score of one that is however slow. */
const slowest = 0.5

/** The most that is thought of one whose latest check was bad. */
const unwell = 10

export interface RecentAttempts {
  readonly latency: QuantileSketch | undefined
  readonly ttft: QuantileSketch | undefined
  readonly throughput: QuantileSketch | undefined
  /** Each counted less the older it is. */
  readonly attempts: number
}

export const readRecent = (sketch: QuantileSketch | undefined, quantile: number, now: number): number | undefined =>
  sketch === undefined || sketch.weight(now) < leastWeight ? undefined : sketch.quantile(quantile, now)

export class LiveDeployment implements DeploymentSignals {
  inFlight = 0
  requests = 0
  readonly #clock: Clock
  readonly #sums: RollingSums
  readonly #errors: DecayedRatio
  readonly #failures = new Map<FaultCode, number>()
  #latency: QuantileSketch | undefined
  #ttft: QuantileSketch | undefined
  #throughput: QuantileSketch | undefined
  /** Of the moments when the attempts under way began. */
  #begins = 0
  #usual = 0
  #usualAt = 0
  /** By the latest check, and nothing has been asked since. */
  #isUnwell = false
  /** Monotonic time of the latest attempt's end. */
  lastUsedAt: number

  constructor(clock: Clock) {
    this.#clock = clock
    const now = clock.monotonic()
    this.lastUsedAt = now
    this.#sums = new RollingSums(now)
    this.#errors = new DecayedRatio(errorHalfLife, now)
  }

  begin(): void {
    this.inFlight += 1
    this.#begins += this.#clock.monotonic()
  }

  usualInFlight(): number {
    return this.#usual
  }

  ageInFlight(): number {
    return this.inFlight === 0 ? 0 : Math.max(0, this.#clock.monotonic() - this.#begins / this.inFlight)
  }

  end({ fault, outrun = false, durationMs, firstByteMs, stream, outputTokens }: AttemptOutcome): void {
    const now = this.#clock.monotonic()
    this.lastUsedAt = now
    this.#isUnwell = false
    this.#learnUsual(now)
    this.inFlight = Math.max(0, this.inFlight - 1)
    this.#begins = this.inFlight === 0 ? 0 : this.#begins - (now - durationMs)
    this.requests += 1
    const failed = fault !== undefined && countsAgainst(fault.code)
    this.#sums.add('requests', 1, now)
    if (outrun) return this.#addOutrun(durationMs, stream, now)
    if (failed) {
      this.#errors.add(true, now)
      this.#sums.add('failures', 1, now)
      this.#failures.set(fault.code, (this.#failures.get(fault.code) ?? 0) + 1)
      return
    }
    // A request that was wrong in itself, or whose client left, says nothing of how long an answer takes.
    if (fault !== undefined) return
    this.#errors.add(false, now)
    this.#sums.add('answers', 1, now)
    this.#sums.add('latencyMs', durationMs, now)
    ;(this.#latency ??= new QuantileSketch(halfLife, now)).add(durationMs, now)
    if (stream && firstByteMs !== undefined) {
      this.#sums.add('streams', 1, now)
      this.#sums.add('ttftMs', firstByteMs, now)
      ;(this.#ttft ??= new QuantileSketch(halfLife, now)).add(firstByteMs, now)
    }
    if (outputTokens !== undefined && outputTokens > 0 && durationMs > 0) {
      this.#sums.add('outputTokens', outputTokens, now)
      this.#sums.add('writingMs', durationMs, now)
      ;(this.#throughput ??= new QuantileSketch(halfLife, now)).add((outputTokens * 1000) / durationMs, now)
    }
  }

  /** Whoever would be forgotten each time that it is slow would look quick. */
  #addOutrun(durationMs: number, stream: boolean, now: number): void {
    const sketch = stream ? this.#ttft : this.#latency
    if (sketch !== undefined && durationMs > (sketch.quantile(0.5, now) ?? Infinity)) sketch.add(durationMs, now)
  }

  spent(cost: NanoUsd): void {
    this.#sums.add('cost', cost, this.#clock.monotonic())
  }

  latency(quantile: number): number | undefined {
    return this.#read(this.#latency, quantile)
  }

  ttft(quantile: number): number | undefined {
    return this.#read(this.#ttft, quantile)
  }

  throughput(): number | undefined {
    return this.#read(this.#throughput, 0.5)
  }

  errorRate(): number | undefined {
    return this.#errors.value
  }

  checked(good: boolean): void {
    this.#isUnwell = !good
  }

  health(): number {
    const score = this.#scoreOfAttempts()
    return this.#isUnwell ? Math.min(score, unwell) : score
  }

  #scoreOfAttempts(): number {
    const weight = this.#errors.weight(this.#clock.monotonic())
    const failed = (this.#errors.value ?? 0) * weight
    const good = (weight - failed + benefitOfDoubt) / (weight + benefitOfDoubt)
    return Math.round(100 * good * this.#pace())
  }

  window(window: SignalWindow): WindowSums {
    return this.#sums.sums(window, this.#clock.monotonic())
  }

  failuresByFault(): ReadonlyMap<FaultCode, number> {
    return this.#failures
  }

  /** A mean that follows by the time that passes rather than by the number of attempts. */
  #learnUsual(now: number): void {
    const share = this.requests === 0 ? 1 : 1 - 2 ** ((this.#usualAt - now) / loadHalfLife)
    this.#usual += (this.inFlight - this.#usual) * share
    this.#usualAt = now
  }

  /** 1 while it is about as quick as in the last hour, less the slower it has become. */
  #pace(): number {
    const recent = this.latency(0.5)
    const { answers, latencyMs } = this.window('1h')
    if (recent === undefined || answers === 0 || latencyMs === 0) return 1
    const slower = recent / (latencyMs / answers)
    return slower <= usualSwing ? 1 : Math.max(slowest, usualSwing / slower)
  }

  /** Recent answers and streams, and how many recent attempts there were, for whoever puts several deployments together. */
  recent(): RecentAttempts {
    return {
      latency: this.#latency,
      ttft: this.#ttft,
      throughput: this.#throughput,
      attempts: this.#errors.weight(this.#clock.monotonic()),
    }
  }

  #read(sketch: QuantileSketch | undefined, quantile: number): number | undefined {
    return readRecent(sketch, quantile, this.#clock.monotonic())
  }
}
