/** Chains stages into one function. Done when a plan is compiled, so that a request meets only the stages it needs. */
import type { Exchange } from '../kernel/exchange.ts'
import type { Reply } from '../kernel/reply.ts'
import type { Stage } from '../kernel/stage.ts'

export type Run = (exchange: Exchange) => Promise<Reply>

export function compose(stages: readonly Stage[]): Run {
  const end: Run = () => Promise.reject(new Error('the last stage must answer'))
  return stages.reduceRight<Run>((next, stage) => (exchange) => stage.run(exchange, () => next(exchange)), end)
}
