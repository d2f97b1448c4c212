/** Takes the body in and reads its head: model, streaming, limits, without decoding the rest. Refuses what is plainly wrong. */
import { Body } from '../../kernel/body.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Stage } from '../../kernel/stage.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'

/** The shortest message there is: `{"role":"user","content":""},`. */
const shortestMessage = 27

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
      countMessages(exchange.body, exchange.plan.messageLimit)
      // Awaited, because a promise that an async function merely returns goes round the queue three times more.
      return await next()
    },
  }
}

/** Counts only in bodies that are long enough to have too many. */
function countMessages(body: Body<unknown>, limit: number): void {
  const span = body.spans().get('messages')
  if (span === undefined || span.end - span.start < limit * shortestMessage) return
  const messages = body.spans().json('messages')
  if (!Array.isArray(messages)) throw invalidRequest('messages', 'messages must be an array.')
  if (messages.length > limit) {
    throw new Fault(
      'invalid_request',
      `messages has ${messages.length} entries; this gateway takes at most ${limit} (limits.messages). Send fewer, or summarise older turns.`,
      { param: 'messages' },
    )
  }
}
