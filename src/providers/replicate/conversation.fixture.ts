/** A network whose calls the test answers by hand, with one conversation of Replicate's transport over it. */
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import type { Outbound, Transport, TransportError, TransportHandler } from '../../kernel/transport.ts'
import type { JsonObject } from '../../model/json.ts'
import { replicateTransport } from './transport.ts'

export const api = 'https://api.replicate.com'
export const urls = {
  get: `${api}/v1/predictions/p1`,
  cancel: `${api}/v1/predictions/p1/cancel`,
  stream: 'https://stream.replicate.com/v1/files/s1',
}
export const prediction = (status: string, more: JsonObject = {}): JsonObject => ({ id: 'p1', status, urls, ...more })

/** A call under way, answered by hand. */
export interface Made extends Outbound {
  readonly handler: TransportHandler
  aborted: boolean
}

export function setUp(accept: 'application/json' | 'text/event-stream' = 'application/json') {
  const clock = new FakeClock()
  const made: Made[] = []
  const paused: boolean[] = []
  const network: Transport = {
    dispatch(outbound, handler) {
      const one: Made = { ...outbound, handler, aborted: false }
      made.push(one)
      return {
        pause: () => void paused.push(true),
        resume: () => void paused.push(false),
        abort: () => void (one.aborted = true),
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const heard: { status?: number; type?: string | undefined; text: string; ended: boolean; error?: TransportError } = {
    text: '',
    ended: false,
  }
  const transport = replicateTransport({ network, clock })
  const outbound: Outbound = {
    method: 'POST',
    origin: api,
    path: '/v1/models/meta/llama/predictions',
    headers: { authorization: 'Bearer r8_1', 'content-type': 'application/json', accept },
    body: Buffer.from('{"input":{"prompt":"Hi"}}'),
  }
  const call = transport.dispatch(outbound, {
    onHead(status, headers) {
      heard.status = status
      heard.type = headers['content-type']
    },
    onData: (chunk) => void (heard.text += Buffer.from(chunk).toString()),
    onEnd: () => void (heard.ended = true),
    onError: (error) => void (heard.error = error),
  })
  const last = (): Made => {
    const one = made.at(-1)
    if (one === undefined) throw new Error('nothing was called')
    return one
  }
  const answer = (json: unknown, status = 200, headers: Record<string, string> = {}): void => {
    const { handler } = last()
    handler.onHead(status, { 'content-type': 'application/json', ...headers })
    handler.onData(Buffer.from(JSON.stringify(json)))
    handler.onEnd()
  }
  const lines = (): string[] => made.map(({ method, origin, path }) => `${method} ${origin}${path}`)
  return { clock, made, paused, heard, transport, call, last, answer, lines }
}
