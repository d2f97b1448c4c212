/** One small question to a service beside the data plane, such as an issuer of tokens: the whole answer, in bounded time and size. */
import type { Clock } from '../clock.ts'
import { TransportError } from '../transport.ts'
import type { Outbound, Transport } from '../transport.ts'

export interface CallLimits {
  readonly clock: Clock
  /** Milliseconds until the answer must be complete. */
  readonly timeout: number
  /** Bytes that the answer may have. */
  readonly size: number
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
}

/** Rejects with a TransportError when there is no answer, none in time, or one too large. */
export function callOnce(transport: Transport, outbound: Outbound, limits: CallLimits): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let size = 0
    let head: Pick<Answer, 'status' | 'headers'> = { status: 0, headers: {} }
    const timer = limits.clock.after(limits.timeout, () => {
      call.abort()
      reject(new TransportError('connect-timeout', `no answer within ${limits.timeout} ms`))
    })
    const call = transport.dispatch(outbound, {
      onHead(status, headers) {
        head = { status, headers }
      },
      onData(chunk) {
        size += chunk.length
        chunks.push(chunk)
        if (size <= limits.size) return
        timer.cancel()
        call.abort()
        reject(new TransportError('malformed', `the answer is larger than ${limits.size} bytes`))
      },
      onEnd() {
        timer.cancel()
        resolve({ ...head, bytes: Buffer.concat(chunks) })
      },
      onError(error) {
        timer.cancel()
        reject(error)
      },
    })
  })
}
