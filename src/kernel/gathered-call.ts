/**
 * One call of several that make up an answer: its whole body in memory, or what went wrong. For transports of services that have jobs and
 * are asked about them.
 */
import type { Outbound, Transport, TransportCall, TransportError } from './transport.ts'

export interface Answered {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Buffer
}

/** What jobs tell of themselves is text; what is longer than this is none. */
const longestBody = 64 << 20

/** `failed` without an error: the body is too long. */
export function call(
  network: Transport,
  outbound: Outbound,
  hear: { answered(answer: Answered): void; failed(error: TransportError | undefined): void },
): TransportCall {
  const chunks: Uint8Array[] = []
  let [status, size] = [0, 0]
  let headers: Record<string, string> = {}
  const made = network.dispatch(outbound, {
    onHead(code, given) {
      status = code
      headers = given
    },
    onData(chunk) {
      size += chunk.length
      chunks.push(chunk)
      if (size <= longestBody) return
      made.abort()
      hear.failed(undefined)
    },
    onEnd: () => hear.answered({ status, headers, body: Buffer.concat(chunks) }),
    onError: (error) => hear.failed(error),
  })
  return made
}
