/** Sends a stream's events as text frames, one each, and holds the stream back while its client takes none. */
import type { WebSocket } from 'ws'
import { SseReader } from '../../bytes/sse-reader.ts'
import type { StreamReply } from '../../kernel/reply.ts'

/** Bytes that may wait for the client before the stream is held back, and at which it goes on. */
const highWater = 1 << 20
const lowWater = 1 << 18

/** Resolves when the stream is over. `tell` makes the text of a frame from an event's. */
export function sendStream(socket: WebSocket, { source }: StreamReply, tell: (data: string) => string): Promise<void> {
  return new Promise((resolve) => {
    const reader = new SseReader()
    let held = false

    const send = (events: readonly { readonly data: string }[]): void => {
      for (const { data } of events) {
        if (data === '' || data === '[DONE]' || socket.readyState !== socket.OPEN) continue
        socket.send(tell(data), () => {
          if (!held || socket.bufferedAmount > lowWater) return
          held = false
          source.resume()
        })
      }
    }

    source.start({
      write(chunk) {
        send(reader.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk))
        held = socket.bufferedAmount > highWater
        return !held
      },
      end() {
        send(reader.end())
        resolve()
      },
    })
  })
}
