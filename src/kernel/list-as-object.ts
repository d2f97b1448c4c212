/** Puts an answer that is a JSON list into an object, under `results`: everything that reads answers reads objects. */
import type { TransportHandler } from './transport.ts'

export const listMember = 'results'

export function listAsObject(handler: TransportHandler): TransportHandler {
  let wraps = false
  return {
    onHead(status, headers) {
      wraps = status >= 200 && status < 300
      handler.onHead(status, headers)
      if (wraps) handler.onData(Buffer.from(`{"${listMember}":`))
    },
    onData: (chunk) => handler.onData(chunk),
    onEnd() {
      if (wraps) handler.onData(Buffer.from('}'))
      handler.onEnd()
    },
    onError: (error) => handler.onError(error),
  }
}
