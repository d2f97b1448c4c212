/**
 * A request's body for whoever sends it on: in memory where it is small, so that it can be sent twice, else as a source that is read
 * once and only as fast as it is taken. Bounded by its announced length, and by what really comes: by one limit where it is kept whole,
 * by another where nobody holds it.
 */
import type { IncomingMessage } from 'node:http'
import { PassingBytes } from '../../bytes/collect-young.ts'
import type { Upload } from '../../kernel/passage.ts'
import { Fault } from '../../model/fault.ts'
import { tooLarge } from '../read-body.ts'

const empty = new Uint8Array(0)

export interface StreamedLimits {
  /** Bytes that a body may have to be held in memory. */
  readonly body: number
  /** Bytes that it may have otherwise. */
  readonly upload: number
}

export async function streamedBody(
  request: IncomingMessage,
  limits: StreamedLimits,
  inMemory: number,
): Promise<Uint8Array | Upload> {
  const { headers } = request
  const [limit, key] =
    inMemory === Infinity ? ([limits.body, 'body_limit'] as const) : ([limits.upload, 'upload_limit'] as const)
  const announced = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
  if (announced !== undefined && announced > limit) throw tooLarge(limit, key)
  if (announced === 0 || (announced === undefined && headers['transfer-encoding'] === undefined)) return empty

  // The request is left as it is when its reader stops: it still has an answer to get.
  const pieces = request.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let size = 0
  const next = async (): Promise<Uint8Array | undefined> => {
    const piece = await pieces.next().catch((error: unknown) => {
      throw new Fault('client_gone', 'The request broke off before its body was complete.', { cause: error })
    })
    if (piece.done === true) return undefined
    const bytes = piece.value as Uint8Array
    size += bytes.length
    if (size > limit) throw tooLarge(limit, key)
    return bytes
  }
  for (let held = 0; held <= inMemory; held = size) {
    const bytes = await next()
    if (bytes === undefined) return first.length === 1 ? (first[0] ?? empty) : Buffer.concat(first)
    first.push(bytes)
  }

  let fault: Fault | undefined
  let opened = false
  return {
    ...(announced !== undefined && { length: announced }),
    get fault() {
      return fault
    },
    async *open() {
      if (opened) throw new TypeError('an upload can be read only once')
      opened = true
      for (const bytes of first.splice(0)) yield bytes
      try {
        const passing = new PassingBytes()
        for (let bytes = await next(); bytes !== undefined; bytes = await next()) {
          yield bytes
          passing.count(bytes.length)
        }
      } catch (error) {
        if (error instanceof Fault) fault = error
        throw error
      }
    },
  }
}
