/**
 * Where an attempt puts what it has of a stream: it is held until the client's side is there, which is not before the stream has begun in
 * earnest, and then handed on with what its taker says of how much it can take.
 */
import type { StreamSink, StreamSummary } from '../../kernel/reply.ts'

export class Outlet {
  #held: (Uint8Array | string)[] = []
  #heldSize = 0
  #sink: StreamSink | undefined
  /** Tells how the stream ended, when that happened before the sink was there. */
  #ending: (() => StreamSummary) | undefined

  /** Bytes, or characters where the pieces are text, that nobody has taken yet. */
  get heldSize(): number {
    return this.#heldSize
  }

  /** False where the client's side takes no more for now; what is held is no reason to stop. */
  write(piece: Uint8Array | string): boolean {
    if (piece.length === 0) return true
    if (this.#sink !== undefined) return this.#sink.write(piece)
    this.#held.push(piece)
    this.#heldSize += piece.length
    return true
  }

  /** The client's side is there, and gets what was held, and the end where the stream had one. False where it takes no more for now. */
  open(sink: StreamSink): boolean {
    this.#sink = sink
    let takes = true
    for (const piece of this.#held) takes = sink.write(piece) && takes
    this.#held = []
    this.#heldSize = 0
    if (this.#ending !== undefined) sink.end(this.#ending())
    return takes
  }

  /** `summary` is asked for when somebody is there to hear it. */
  end(summary: () => StreamSummary): void {
    if (this.#sink === undefined) this.#ending = summary
    else this.#sink.end(summary())
  }
}
