/** A step of the pipeline: it may act before and after the rest, answer by itself, or throw a Fault. */
import type { Exchange } from './exchange.ts'
import type { Reply } from './reply.ts'

export type Next = () => Promise<Reply>

export interface Stage {
  /** A verb. */
  readonly name: string
  run(exchange: Exchange, next: Next): Promise<Reply>
}
