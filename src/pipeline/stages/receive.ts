/** Takes the body in and reads its head: model, streaming, limits, without decoding the rest. Refuses what is plainly wrong. */
import { Body } from '../../kernel/body.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Stage } from '../../kernel/stage.ts'
import { Fault } from '../../model/fault.ts'

/** The shortest of the usual messages is `{"role":"user","content":""},`. */
export const usualTurns = { member: 'messages', shortest: 27 }

export function receive(clock: Clock): Stage {
  return {
    name: 'receive',
    async run(exchange, next) {
      const received = exchange.receive()
      const bytes = received instanceof Promise ? await received : received
      exchange.receivedAt = clock.monotonic()
      const { address } = exchange
      const { dialect } = exchange.surface
      exchange.body = new Body(bytes, (json) => dialect.request.decode(json, address))
      exchange.head = dialect.head(exchange.body, address)
      countTurns(exchange.body, dialect.turns ?? usualTurns, exchange.plan.messageLimit)
      return next()
    },
  }
}

/** Counts only in bodies that are long enough to have too many. */
export function countTurns(body: Body<unknown>, { member, shortest }: typeof usualTurns, limit: number): void {
  const span = body.spans().get(member)
  if (span === undefined || span.end - span.start < limit * shortest) return
  const turns = body.spans().json(member)
  // What is not a list is one turn, or refused by whoever reads it.
  if (Array.isArray(turns) && turns.length > limit) {
    throw new Fault(
      'invalid_request',
      `${member} has ${turns.length} entries; this gateway takes at most ${limit} (limits.messages). Send fewer, or summarise older turns.`,
      { param: member },
    )
  }
}
