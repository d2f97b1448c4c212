/**
 * Keeps what an issuer hands out for a time (an access token, temporary keys) and gets the next one before it ends: one request in
 * flight however many wait, and in the background while the old one is still good. Lifetimes are counted on the clock that never
 * jumps, from the moment of asking, so a machine whose wall clock is wrong neither sends dead tokens nor asks for ever.
 */
import type { Clock } from '../clock.ts'

export interface Lease<T> {
  readonly value: T
  /** Milliseconds that it is good for, from when it was asked for; undefined for ever. */
  readonly lifetime: number | undefined
}

/** How long before the end a new one is asked for: below the five minutes in which metadata servers still hand out the old one. */
const renewBefore = 225_000
/** From here on the old one is not used any more, for it has to live until the provider has looked at it. */
const margin = 10_000
/** After a failure the issuer is left alone for so long; whoever asks meanwhile hears the same. */
const pauseAfterFailure = 3000
/** A refusal by the provider says nothing against what is younger: getting another one would only be the same again. */
const doubtedAfter = 60_000

interface Held<T> {
  readonly value: T
  readonly since: number
  readonly renewAt: number
  readonly endsAt: number
}

export class TokenSource<T> {
  readonly #clock: Clock
  readonly #ask: () => Promise<Lease<T>>
  #held: Held<T> | undefined
  #asking: Promise<T> | undefined
  #failed: { readonly error: unknown; readonly until: number } | undefined

  constructor(clock: Clock, ask: () => Promise<Lease<T>>) {
    this.#clock = clock
    this.#ask = ask
  }

  /** What is held, at once; a promise only where it has to be asked for. Rejects with what the asking rejected with. */
  get(): T | Promise<T> {
    const now = this.#clock.monotonic()
    const held = this.#held
    const pausing = this.#failed !== undefined && now < this.#failed.until
    if (held !== undefined && now < held.endsAt) {
      // What becomes of it is heard by whoever asks once the old one has ended.
      if (now >= held.renewAt && !pausing) this.#renew().catch(() => undefined)
      return held.value
    }
    return pausing && this.#asking === undefined ? Promise.reject(asError(this.#failed?.error)) : this.#renew()
  }

  /** What is held now, if anything. */
  peek(): T | undefined {
    return this.#held?.value
  }

  /** The provider refused it: perhaps it was revoked. */
  doubt(): void {
    if (this.#held !== undefined && this.#clock.monotonic() - this.#held.since >= doubtedAfter) this.#held = undefined
  }

  #renew(): Promise<T> {
    this.#asking ??= this.#askNow().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #askNow(): Promise<T> {
    const since = this.#clock.monotonic()
    try {
      const { value, lifetime = Infinity } = await this.#ask()
      this.#failed = undefined
      this.#held = {
        value,
        since,
        renewAt: since + lifetime - Math.min(renewBefore, lifetime / 4),
        endsAt: since + lifetime - Math.min(margin, lifetime / 10),
      }
      return value
    } catch (error) {
      this.#failed = { error, until: this.#clock.monotonic() + pauseAfterFailure }
      throw error
    }
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
