/** A network that a test plays: what a function answers to each request, without sockets. */
import type { Outbound, Transport } from '../transport.ts'
import { TransportError, wholeBody } from '../transport.ts'

export interface PlayedAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** JSON where it is not text. */
  readonly body?: unknown
}

export interface PlayedTransport extends Transport {
  /** Every request so far. */
  readonly asked: readonly Outbound[]
}

/** Answers come in a later turn, as on a network; undefined means that nothing is there. */
export function playedTransport(
  answer: (outbound: Outbound) => PlayedAnswer | Promise<PlayedAnswer> | undefined,
): PlayedTransport {
  const asked: Outbound[] = []
  return {
    asked,
    dispatch(outbound, handler) {
      asked.push(outbound)
      let dropped = false
      const play = async (): Promise<void> => {
        const given = await answer(outbound)
        if (dropped) return
        if (given === undefined) return handler.onError(new TransportError('connect', 'connect ECONNREFUSED'))
        const { status = 200, headers = {}, body = '' } = given
        handler.onHead(status, { ...headers })
        handler.onData(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
        handler.onEnd()
      }
      void play()
      return {
        pause() {},
        resume() {},
        abort() {
          dropped = true
        },
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

/** What a request says, as text; empty for one that was not made. */
export const sentText = (outbound: Outbound | undefined): string =>
  outbound === undefined ? '' : Buffer.from(wholeBody(outbound)).toString()
