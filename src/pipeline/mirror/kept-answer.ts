/** Keeps a bounded copy of an answer on its way to the client, and reads from it what two answers are compared by. */
import { parseJson } from '../../bytes/parse-json.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import { chunksOf } from '../../kernel/reply.ts'
import type { Reply, StreamSink } from '../../kernel/reply.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { ChatResponse } from '../../model/chat.ts'
import { foldChat } from '../../model/fold-chat.ts'

/** Bytes; what is longer is compared by its figures alone. */
const longest = 1 << 20

export class KeptAnswer {
  #pieces: Buffer[] = []
  #length = 0

  add(piece: Uint8Array | string): void {
    if (piece.length === 0 || this.#length > longest) return
    // Copied, because a transport may use its buffers again.
    const bytes = Buffer.from(piece)
    this.#length += bytes.length
    if (this.#length > longest) this.#pieces = []
    else this.#pieces.push(bytes)
  }

  /** In the model's terms; undefined where there is nothing to read, or too much. */
  read({ surface }: Exchange, streamed: boolean): ChatResponse | undefined {
    if (surface.operation !== 'chat' || this.#pieces.length === 0) return undefined
    const bytes = Buffer.concat(this.#pieces)
    try {
      if (!streamed) return surface.dialect.response.decode(parseJson(bytes.toString('utf8'))) as ChatResponse
      const decoder = surface.dialect.stream?.decoder()
      return decoder && foldChat([...decoder.push(bytes), ...decoder.end()] as ChatEvent[])
    } catch {
      // Of some protocols the client's side cannot be read back; figures are compared all the same.
      return undefined
    }
  }
}

/** The same reply, of which a copy is kept. */
export function keeping(reply: Reply): { readonly reply: Reply; readonly kept: KeptAnswer } {
  const kept = new KeptAnswer()
  if (reply.kind === 'bytes') {
    for (const piece of chunksOf(reply)) kept.add(piece)
    return { reply, kept }
  }
  const { source } = reply
  const copying = {
    start(sink: StreamSink) {
      source.start({
        write(chunk) {
          kept.add(chunk)
          return sink.write(chunk)
        },
        end: (summary) => sink.end(summary),
      })
    },
    resume: () => source.resume(),
  }
  return { reply: { ...reply, source: copying }, kept }
}
