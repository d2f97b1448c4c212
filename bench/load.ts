/** The load of the benchmark: so many clients, each sending its next request when the last answer is complete. */
import { Pool } from 'undici'

export interface LoadRequest {
  readonly origin: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** Runs until `requests` answers were complete; throws when any of them was not a 200. */
export async function runLoad(target: LoadRequest, clients: number, requests: number): Promise<LoadResult> {
  const pool = new Pool(target.origin, {
    connections: clients,
    pipelining: 1,
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
  })
  const latencies: number[] = []
  let left = requests
  const startedAt = performance.now()

  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const sentAt = performance.now()
      await once(pool, target)
      latencies.push(performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - startedAt) / 1000
  await pool.close()
  latencies.sort((a, b) => a - b)
  return { requests, seconds, p50: at(latencies, 0.5), p99: at(latencies, 0.99) }
}

function once(pool: Pool, { path, headers, body }: LoadRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    let status = 0
    let size = 0
    let errorText = ''
    pool.dispatch(
      { method: 'POST', path, headers, body },
      {
        onRequestStart() {},
        onResponseStart(_controller, code) {
          status = code
        },
        onResponseData(_controller, chunk) {
          size += chunk.length
          if (status !== 200) errorText += chunk.toString()
        },
        onResponseEnd() {
          if (status === 200 && size > 0) resolve()
          else reject(new Error(`status ${status}: ${errorText.slice(0, 300)}`))
        },
        onResponseError(_controller, error) {
          reject(error)
        },
      },
    )
  })
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
