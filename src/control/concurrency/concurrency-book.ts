/** The limits of all providers and deployments that have some. They outlive a reload, with whoever is in and whoever waits. */
import type { ConcurrencySettings, ProviderSettings } from '../../config/types.ts'
import type { Clock } from '../../kernel/clock.ts'
import { BothSlots } from '../../kernel/slots.ts'
import type { Slots } from '../../kernel/slots.ts'
import { ConcurrencyLimit } from './concurrency-limit.ts'

export class ConcurrencyBook {
  readonly #clock: Clock
  /** By provider, or `provider/model`. */
  readonly #limits = new Map<string, ConcurrencyLimit>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `own` is the model's. Undefined where nothing limits it. */
  slotsOf(provider: ProviderSettings, model: string, own: ConcurrencySettings | undefined): Slots | undefined {
    const inner = own && this.#limit(`${provider.name}/${model}`, own)
    const outer = provider.concurrency && this.#limit(provider.name, provider.concurrency)
    return outer !== undefined && inner !== undefined ? new BothSlots(inner, outer) : (outer ?? inner)
  }

  all(): ReadonlyMap<string, ConcurrencyLimit> {
    return this.#limits
  }

  #limit(name: string, settings: ConcurrencySettings): ConcurrencyLimit {
    const known = this.#limits.get(name)
    if (known !== undefined) {
      known.settings = settings
      return known
    }
    const limit = new ConcurrencyLimit(this.#clock, settings)
    this.#limits.set(name, limit)
    return limit
  }
}
