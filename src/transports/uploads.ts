/**
 * Requests whose body nobody holds in memory. undici, which sends them, is loaded when the first of them comes: it is more to keep in
 * memory than most of the gateway, and many a gateway never sends one.
 */
import type { TransportCall, TransportHandler } from '../kernel/transport.ts'
import { TransportError } from '../kernel/transport.ts'
import type { ConnectOptions } from './http1/connect.ts'
import type { OriginOptions } from './http1/origin.ts'
import { NetworkCall } from './network-call.ts'
import type { SourceOutbound, UndiciPools } from './undici-pools.ts'

export class Uploads {
  readonly #connecting: ConnectOptions
  readonly #perOrigin: OriginOptions
  readonly #mostOrigins: number
  #pools: Promise<UndiciPools> | undefined
  #isClosed = false

  constructor(connecting: ConnectOptions, perOrigin: OriginOptions, mostOrigins: number) {
    this.#connecting = connecting
    this.#perOrigin = perOrigin
    this.#mostOrigins = mostOrigins
  }

  dispatch(outbound: SourceOutbound, handler: TransportHandler): TransportCall {
    const call = new NetworkCall(handler)
    void this.#send(outbound, call)
    return call.handOut()
  }

  async #send(outbound: SourceOutbound, call: NetworkCall): Promise<void> {
    try {
      this.#pools ??= this.#open()
      const pools = await this.#pools
      if (this.#isClosed) throw new TransportError('connect', 'the transport is closed')
      if (!call.isOver) pools.dispatch(outbound, call)
    } catch (error) {
      call.onResponseError(undefined, error as Error)
    }
  }

  async #open(): Promise<UndiciPools> {
    const module = await import('./undici-pools.ts')
    return new module.UndiciPools(this.#connecting, this.#perOrigin, this.#mostOrigins)
  }

  /** Ends all connections and fails all calls. */
  async destroy(error: Error): Promise<void> {
    this.#isClosed = true
    const pools = await this.#pools
    await pools?.destroy(error)
  }
}
