/** What a stage answers with: complete bytes, or a source that pushes a stream into a sink under back-pressure. */
import { asBuffer } from '../bytes/as-buffer.ts'
import { ByteRope } from '../bytes/byte-rope.ts'
import type { Fault } from '../model/fault.ts'
import type { PieceAnswer } from '../model/pieces.ts'
import type { Outcome } from '../model/record.ts'
import type { AnswerFacts } from './dialect.ts'

/** How a streamed answer ended, told with its last byte. */
export interface StreamSummary {
  readonly outcome: Outcome
  readonly fault?: Fault
  readonly facts: AnswerFacts
  /** Output tokens guessed from what went by; used when the provider told no usage. */
  readonly estimatedOutput: number
  /** Nothing in what was written tells the client of the fault: its connection must break, or half would look like all. */
  readonly untold?: boolean
}

export interface StreamSink {
  /** False asks the source to wait for `resume`. */
  write(chunk: Uint8Array | string): boolean
  /** Exactly once; nothing is written after it. */
  end(summary: StreamSummary): void
}

export interface StreamSource {
  /** Begins to push; what was held back comes first. */
  start(sink: StreamSink): void
  /** The sink takes data again. */
  resume(): void
}

interface ReplyHead {
  readonly status: number
  readonly contentType: string
  /** Beyond those that every answer has; lower-case names. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface BytesReply extends ReplyHead {
  readonly kind: 'bytes'
  /** A long answer that is handed on as it came stays in its pieces. */
  readonly bytes: Uint8Array | string | ByteRope
  readonly facts?: AnswerFacts
  /** The answer itself, where it is only to a part of what the client asked: see `Exchange.parts`. */
  readonly part?: PieceAnswer
  /** Set when the bytes are a provider's error, passed on as it is. */
  readonly fault?: Fault
}

export interface StreamReply extends ReplyHead {
  readonly kind: 'stream'
  readonly source: StreamSource
}

export type Reply = BytesReply | StreamReply

export function textOf({ bytes }: BytesReply): string {
  if (typeof bytes === 'string') return bytes
  return bytes instanceof ByteRope ? bytes.text('utf8') : asBuffer(bytes).toString('utf8')
}

/** Its bytes in one piece. */
export const wholeOf = ({ bytes }: BytesReply): Uint8Array | string =>
  bytes instanceof ByteRope ? bytes.whole() : bytes

/** Its bytes in the pieces in which they are kept. */
export function chunksOf({ bytes }: BytesReply): readonly (Uint8Array | string)[] {
  return bytes instanceof ByteRope ? bytes.views(0, bytes.length) : [bytes]
}
