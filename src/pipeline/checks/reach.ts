/** Whether a service can be reached: a connection and any answer of HTTP at all, without a credential and at no cost. */
import type { Clock } from '../../kernel/clock.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import { Fault, asFault } from '../../model/fault.ts'
import { faultOfTransport } from '../attempt/failure.ts'

/** Undefined for what is not asked by the network. */
export const originOf = ({ endpoints }: Deployment): string | undefined => {
  for (const [endpoint] of endpoints.values())
    if (endpoint !== undefined && /^https?:/.test(endpoint.origin)) return endpoint.origin
  return undefined
}

/** Resolves with a Fault where it cannot be. */
export function reach(
  { transport, provider }: Deployment,
  origin: string,
  { clock, timeout }: { readonly clock: Clock; readonly timeout: number },
): Promise<Fault | undefined> {
  return new Promise((resolve) => {
    const end = (fault?: Fault): void => {
      timer.cancel()
      resolve(fault)
    }
    const timer = clock.after(timeout, () => {
      call?.abort()
      end(new Fault('provider_timeout', `${provider} did not answer in time.`))
    })
    const outbound = { method: 'GET', origin, path: '/', headers: { 'user-agent': 'sluicegate' }, body: null } as const
    let call: { abort(): void } | undefined
    try {
      call = (transport.plain ?? transport).dispatch(outbound, {
        onHead(status) {
          queueMicrotask(() => call?.abort())
          end(status < 500 ? undefined : new Fault('provider_error', `${provider} answered with status ${status}.`))
        },
        onData: () => undefined,
        onEnd: () => end(),
        onError: (error) => end(faultOfTransport(error, provider)),
      })
    } catch (error) {
      end(asFault(error))
    }
  })
}
