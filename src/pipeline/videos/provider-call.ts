/** One question to the provider that makes a film: a short answer, or the beginning of a long one. */
import type { Clock } from '../../kernel/clock.ts'
import type { Deployment, Endpoint } from '../../kernel/deployment.ts'
import type { Outbound, TransportCall } from '../../kernel/transport.ts'
import type { RemoteCall } from '../../kernel/video-calls.ts'
import { Fault } from '../../model/fault.ts'
import { faultOfTransport } from '../attempt/failure.ts'

export interface Told {
  readonly status: number
  readonly headers: Record<string, string>
  readonly text: string
  /** False where there was more than anybody reads. */
  readonly isWhole: boolean
}

/** Bytes of an answer that are read. */
const longestAnswer = 256 << 10

export interface Place {
  readonly deployment: Deployment
  readonly endpoint: Endpoint
  readonly clock: Clock
}

/** Rejects with a Fault when there is no answer, or with that of the signal. */
export async function askProvider(place: Place, call: RemoteCall, signal?: AbortSignal): Promise<Told> {
  const { deployment, clock } = place
  const outbound = await deployment.sign(outboundOf(place, call))
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let [status, size] = [0, 0]
    let headers: Record<string, string> = {}
    let isOver = false
    const end = (then: () => void): void => {
      if (isOver) return
      isOver = true
      timer.cancel()
      signal?.removeEventListener('abort', leave)
      then()
    }
    const tell = (isWhole: boolean): void =>
      end(() => resolve({ status, headers, text: Buffer.concat(chunks).toString('utf8'), isWhole }))
    const timer = clock.after(deployment.timeouts.firstByte, () =>
      end(() => {
        made.abort()
        reject(new Fault('provider_timeout', `${deployment.provider} did not answer in time.`))
      }),
    )
    const leave = (): void =>
      end(() => {
        made.abort()
        reject(new Fault('client_gone', 'Nobody waits for the answer any more.'))
      })
    const made: TransportCall = deployment.transport.dispatch(outbound, {
      onHead(code, given) {
        status = code
        headers = given
      },
      onData(chunk) {
        if (isOver) return
        chunks.push(chunk)
        size += chunk.length
        if (size <= longestAnswer) return
        made.abort()
        tell(false)
      },
      onEnd: () => tell(true),
      onError: (error) => end(() => reject(faultOfTransport(error, deployment.provider))),
    })
    if (signal?.aborted === true) leave()
    else signal?.addEventListener('abort', leave)
  })
}

export function outboundOf({ deployment, endpoint }: Omit<Place, 'clock'>, call: RemoteCall): Outbound {
  const { method, origin = endpoint.origin, path, body } = call
  return {
    method,
    origin,
    path,
    headers: {
      accept: '*/*',
      'user-agent': 'sluicegate',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...deployment.headers,
    },
    body: body === undefined ? null : Buffer.from(JSON.stringify(body)),
  }
}
