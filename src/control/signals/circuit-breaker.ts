/**
 * The circuit of one deployment with one credential. Closed, requests go through. It opens when calls fail again and again, so that
 * clients do not wait for what will fail and the service is left to recover; after a while it is half open, and lets single calls through
 * to find out. It closes when enough of those were good, and opens for twice as long when one was not.
 */
import type { CircuitSettings } from '../../config/types.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Circuit, CircuitState } from '../../kernel/signals.ts'

export interface CircuitContext {
  readonly clock: Clock
  readonly settings: CircuitSettings
  readonly onChange: (from: CircuitState, to: CircuitState) => void
}

/** The window is counted in so many pieces, the oldest of which are forgotten. */
const pieces = 10
/** Milliseconds to come back in where others are trying it. */
const untilTried = 1000

export class CircuitBreaker implements Circuit {
  readonly #context: CircuitContext
  #state: CircuitState = 'closed'
  /** Set by somebody: it stays as it is until it is reset. */
  #held = false
  #failuresInRow = 0
  #firstOfRowAt = 0
  readonly #good = new Uint32Array(pieces)
  readonly #bad = new Uint32Array(pieces)
  #piece = 0
  /** Monotonic time from which it may be tried. */
  #openUntil = 0
  #openings = 0
  #changes = 0
  #probing = 0
  #successes = 0

  constructor(context: CircuitContext) {
    this.#context = context
  }

  get state(): CircuitState {
    if (this.#state === 'open' && !this.#held && this.#context.clock.monotonic() >= this.#openUntil) return 'half-open'
    return this.#state
  }

  /** Calls that failed in the window, and all. */
  get counts(): { readonly failures: number; readonly calls: number } {
    this.#turn(this.#context.clock.monotonic())
    return this.#countsNow()
  }

  waitMs(): number {
    if (this.#state === 'closed') return 0
    if (this.#held) return this.#state === 'open' ? this.#context.settings.maxRecovery : 0
    const left = this.#openUntil - this.#context.clock.monotonic()
    if (this.#state === 'open' && left > 0) return left
    return this.#probing < this.#context.settings.probes ? 0 : untilTried
  }

  enter(): number {
    if (this.#state === 'open' && this.waitMs() === 0) this.#change('half-open')
    if (this.#state === 'half-open') this.#probing += 1
    return this.#changes
  }

  leave(ticket: number, good: boolean | undefined): void {
    const { settings } = this.#context
    // What began before the state changed says nothing new.
    if (!settings.enabled || this.#held || ticket !== this.#changes) return
    if (this.#state === 'half-open') this.#probing -= 1
    if (good === undefined) return
    if (this.#state === 'closed') this.#count(good)
    else if (good) {
      this.#successes += 1
      if (this.#successes >= settings.successes) this.#close()
    } else if (this.#state === 'half-open') this.#open()
  }

  #count(good: boolean): void {
    const { settings, clock } = this.#context
    const now = clock.monotonic()
    this.#turn(now)
    const counts = good ? this.#good : this.#bad
    counts[this.#piece % pieces] = (counts[this.#piece % pieces] ?? 0) + 1
    if (good) {
      this.#failuresInRow = 0
      return
    }
    if (this.#failuresInRow === 0 || now - this.#firstOfRowAt > settings.window) {
      this.#failuresInRow = 0
      this.#firstOfRowAt = now
    }
    this.#failuresInRow += 1
    if (this.#failuresInRow >= settings.failures || this.#failsTooOften()) this.#open()
  }

  /** For people: opens or closes it until it is reset. */
  hold(state: 'open' | 'closed'): void {
    this.#held = true
    if (this.#state !== state) this.#change(state)
    this.#forget()
  }

  /** As it was in the beginning. */
  reset(): void {
    this.#held = false
    this.#close()
  }

  get isHeld(): boolean {
    return this.#held
  }

  #open(): void {
    const { clock, settings } = this.#context
    const length = Math.min(settings.maxRecovery, settings.recovery * 2 ** this.#openings)
    this.#openings += 1
    this.#openUntil = clock.monotonic() + length
    this.#forget()
    this.#change('open')
  }

  #close(): void {
    this.#openings = 0
    this.#forget()
    if (this.#state !== 'closed') this.#change('closed')
  }

  #forget(): void {
    this.#failuresInRow = 0
    this.#successes = 0
    this.#probing = 0
    this.#good.fill(0)
    this.#bad.fill(0)
  }

  #change(to: CircuitState): void {
    const from = this.#state
    this.#changes += 1
    this.#state = to
    this.#context.onChange(from, to)
  }

  #failsTooOften(): boolean {
    const { failures, calls } = this.#countsNow()
    const { minRequests, errorRatio } = this.#context.settings
    return calls >= minRequests && failures / calls >= errorRatio
  }

  #countsNow(): { readonly failures: number; readonly calls: number } {
    let failures = 0
    let calls = 0
    for (let index = 0; index < pieces; index += 1) {
      failures += this.#bad[index] ?? 0
      calls += (this.#bad[index] ?? 0) + (this.#good[index] ?? 0)
    }
    return { failures, calls }
  }

  #turn(now: number): void {
    const piece = Math.floor((now * pieces) / this.#context.settings.window)
    const passed = piece - this.#piece
    if (passed <= 0) return
    for (let step = 0; step < Math.min(passed, pieces); step += 1) {
      this.#good[(piece - step) % pieces] = 0
      this.#bad[(piece - step) % pieces] = 0
    }
    this.#piece = piece
  }
}
