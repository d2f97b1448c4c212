/** A step of the pipeline: it may act before and after the rest, answer by itself, or throw a Fault. */
import type { Exchange } from './exchange.ts'
import type { Reply } from './reply.ts'

export type Next = () => Promise<Reply>

export interface Stage {
  /** A verb. */
  readonly name: string
  /** How much of the request it looks at: `read` and `write` decode the body, `head` never does. */
  readonly access: 'head' | 'read' | 'write'
  run(exchange: Exchange, next: Next): Promise<Reply>
}
