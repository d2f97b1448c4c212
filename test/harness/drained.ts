/** Waits for a stream that is full. What waits for two events at a time must let go of both, or a long answer collects listeners. */
import type { Writable } from 'node:stream'

/** Resolves when the stream takes more, or never will again. */
export function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const settled = (): void => {
      stream.off('drain', settled).off('close', settled)
      resolve()
    }
    stream.once('drain', settled).once('close', settled)
  })
}
