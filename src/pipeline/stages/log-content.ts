/**
 * Hands prompts and answers to the log, for those who asked for it in the configuration; the stage is there only then. What is held
 * of either is bounded, and nothing of it goes into records.
 */
import { isAudio } from '../../kernel/codec/audio-media.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import { chunksOf } from '../../kernel/reply.ts'
import type { StreamReply, StreamSink } from '../../kernel/reply.ts'
import type { Stage } from '../../kernel/stage.ts'

export interface LoggedContent {
  readonly requestId: string
  /** As the client sent it and as it was answered, in the client's protocol. */
  readonly request: string
  readonly response: string
  /** The request or the answer was longer than is logged. */
  readonly truncated: boolean
}

/** Bytes of a request and of an answer that are logged. */
const longest = 65_536

export function logContent(log: (content: LoggedContent) => void): Stage {
  return {
    name: 'log-content',
    async run(exchange, next) {
      const reply = await next()
      if (reply.kind === 'stream') return watch(exchange, reply, log)
      const answer = new Excerpt()
      for (const piece of chunksOf(reply)) answer.add(piece)
      tell(exchange, answer, log)
      return reply
    },
  }
}

function watch(exchange: Exchange, reply: StreamReply, log: (content: LoggedContent) => void): StreamReply {
  const { source, contentType } = reply
  const answer = new Excerpt()
  // Nobody reads sound in a log.
  const isText = !isAudio(contentType)
  if (!isText) answer.add(`[${contentType}]`)
  return {
    ...reply,
    source: {
      start(sink) {
        const copying: StreamSink = {
          write(chunk) {
            if (isText) answer.add(chunk)
            return sink.write(chunk)
          },
          end(summary) {
            tell(exchange, answer, log)
            sink.end(summary)
          },
        }
        source.start(copying)
      },
      resume: () => source.resume(),
    },
  }
}

function tell(exchange: Exchange, answer: Excerpt, log: (content: LoggedContent) => void): void {
  const request = new Excerpt()
  request.add(exchange.body.bytes())
  log({
    requestId: exchange.requestId,
    request: request.text(),
    response: answer.text(),
    truncated: request.truncated || answer.truncated,
  })
}

/** The beginning of what is added. */
class Excerpt {
  readonly #pieces: Buffer[] = []
  #length = 0
  truncated = false

  add(piece: Uint8Array | string): void {
    const room = longest - this.#length
    if (piece.length === 0) return
    if (room <= 0) {
      this.truncated = true
      return
    }
    // Copied, because a transport may use its buffers again.
    const bytes = Buffer.from(piece)
    const kept = bytes.length <= room ? bytes : bytes.subarray(0, room)
    if (kept.length < bytes.length) this.truncated = true
    this.#pieces.push(kept)
    this.#length += kept.length
  }

  text(): string {
    return Buffer.concat(this.#pieces).toString('utf8')
  }
}
