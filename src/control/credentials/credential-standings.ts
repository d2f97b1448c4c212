/**
 * Remembers which credentials were refused or have used up what they may use, so that no request is spent on asking again too soon.
 * What concerns a key as a whole (it is wrong, its account is empty) counts for all models, a rate limit or a missing right for the one
 * model. A reload forgets all of it: that is how people say that they have mended something.
 */
import type { ProviderSettings } from '../../config/types.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { CredentialStanding } from '../../kernel/deployment.ts'
import type { Fault, FaultCode } from '../../model/fault.ts'
import { KnownLimits } from './known-limits.ts'
import { Rest } from './rest.ts'
import type { RestLengths } from './rest.ts'

export interface CredentialRest {
  readonly provider: string
  /** Counted from 1, of `credentials`. */
  readonly credential: number
  readonly credentials: number
  /** The one model that it is about, where it is about one. */
  readonly model?: string
  readonly fault: FaultCode
  readonly restMs: number
}

/** Milliseconds. A limit passes soon where it does not say when; a refusal waits for somebody who mends it. */
const lengths: Partial<Record<FaultCode, RestLengths>> = {
  provider_rate_limited: { first: 1000, most: 60_000 },
  provider_authentication: { first: 5000, most: 600_000 },
  provider_billing: { first: 30_000, most: 3_600_000 },
}

/** Models of one credential that are remembered; clients choose their names. */
const mostModels = 1000

class Credential {
  readonly provider: string
  readonly whole = new Rest()
  readonly models = new Map<string, Rest>()
  readonly #limits = new Map<string, KnownLimits>()

  constructor(provider: string) {
    this.provider = provider
  }

  /** Forgets what has passed when there is too much of it. */
  restOf(model: string, now: number): Rest {
    const known = this.models.get(model)
    if (known !== undefined) return known
    if (this.models.size >= mostModels)
      for (const [name, rest] of this.models) if (rest.msAt(now) === 0) this.models.delete(name)
    const rest = new Rest()
    this.models.set(model, rest)
    return rest
  }

  limitsOf(model: string, clock: Clock): KnownLimits {
    let limits = this.#limits.get(model)
    if (limits !== undefined) return limits
    if (this.#limits.size >= mostModels)
      for (const [name, { known }] of this.#limits) if (!known) this.#limits.delete(name)
    this.#limits.set(model, (limits = new KnownLimits(clock)))
    return limits
  }

  restsAt(now: number): boolean {
    return this.whole.msAt(now) > 0 || [...this.models.values()].some((rest) => rest.msAt(now) > 0)
  }
}

export class CredentialStandings {
  readonly #clock: Clock
  readonly #onRest: (rest: CredentialRest) => void
  readonly #credentials = new WeakMap<ProviderSettings, Credential[]>()
  readonly #resting = new Set<Credential>()

  constructor(clock: Clock, onRest: (rest: CredentialRest) => void) {
    this.#clock = clock
    this.#onRest = onRest
  }

  /** `index` is the credential's place in the settings; 0 for what has none. */
  standingOf(settings: ProviderSettings, index: number, model: string): CredentialStanding {
    const clock = this.#clock
    const credential = this.#credentialOf(settings, index)
    const ofModel = credential.restOf(model, clock.monotonic())
    return {
      limits: credential.limitsOf(model, clock),
      restMs() {
        if (!credential.whole.begun && !ofModel.begun) return 0
        const now = clock.monotonic()
        return Math.max(credential.whole.msAt(now), ofModel.msAt(now))
      },
      answered() {
        credential.whole.end()
        // Answers to what was asked before a limit was met say nothing of the limit.
        if (ofModel.begun && ofModel.msAt(clock.monotonic()) === 0) ofModel.end()
      },
      failed: (fault) => {
        const length = lengths[fault.code]
        if (length === undefined) return
        const whole = concernsTheKey(fault)
        const restMs = (whole ? credential.whole : ofModel).begin(clock.monotonic(), length, fault.retryAfterMs)
        if (restMs === undefined) return
        this.#resting.add(credential)
        this.#onRest({
          provider: settings.name,
          credential: index + 1,
          credentials: Math.max(settings.credentials.length, 1),
          ...(!whole && { model }),
          fault: fault.code,
          restMs,
        })
      },
    }
  }

  /** How many credentials of each provider rest now, for some model at least; providers that had some before are told as 0. */
  resting(): ReadonlyMap<string, number> {
    const now = this.#clock.monotonic()
    const counts = new Map<string, number>()
    for (const credential of this.#resting) {
      const rests = credential.restsAt(now)
      if (!rests) this.#resting.delete(credential)
      counts.set(credential.provider, (counts.get(credential.provider) ?? 0) + (rests ? 1 : 0))
    }
    return counts
  }

  #credentialOf(settings: ProviderSettings, index: number): Credential {
    let all = this.#credentials.get(settings)
    if (all === undefined) this.#credentials.set(settings, (all = []))
    return (all[index] ??= new Credential(settings.name))
  }
}

/** A key may be right and yet not for this model, which is told as 403. */
const concernsTheKey = ({ code, upstream }: Fault): boolean =>
  code === 'provider_billing' || (code === 'provider_authentication' && upstream?.status !== 403)
