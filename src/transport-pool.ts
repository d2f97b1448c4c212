/**
 * The transports of all plans: one network for each connect timeout, one in-process transport for each provider that has its own.
 * They outlive reloads, so that a new plan finds its connections open.
 */
import type { ProviderSettings } from './config/types.ts'
import type { Clock, Random } from './kernel/clock.ts'
import type { Provider } from './kernel/provider.ts'
import type { Transport } from './kernel/transport.ts'
import { networkTransport } from './transports/network-transport.ts'

export class TransportPool implements AsyncDisposable {
  readonly #clock: Clock
  readonly #random: Random
  readonly #transports = new Map<string, Transport>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  transportOf(provider: Provider, settings: ProviderSettings): Transport {
    const own = provider.transport?.bind(provider)
    const network = this.network(settings)
    if (own === undefined) return network
    const { name, options, timeouts } = settings
    return this.#shared(`${name} ${provider.id} ${timeouts.connect} ${JSON.stringify(options)}`, () =>
      own(options, { clock: this.#clock, random: this.#random, network }),
    )
  }

  /** The network, also for what has a transport of its own. */
  network({ timeouts: { connect } }: ProviderSettings): Transport {
    return this.#shared(`network ${connect}`, () => networkTransport({ connectTimeout: connect }))
  }

  /** The network for what is of no provider. */
  plainNetwork(): Transport {
    return this.#shared('network', () => networkTransport())
  }

  #shared(key: string, open: () => Transport): Transport {
    let transport = this.#transports.get(key)
    if (transport === undefined) {
      transport = open()
      this.#transports.set(key, transport)
    }
    return transport
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#transports.values()].map((transport) => transport[Symbol.asyncDispose]()))
  }
}
