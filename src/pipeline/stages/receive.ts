/** Takes the body in and reads its head: model, streaming, limits, without decoding the rest. Refuses what is plainly wrong. */
import { Body } from '../../kernel/body.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Exchange, ExchangeInit } from '../../kernel/exchange.ts'
import type { Reply } from '../../kernel/reply.ts'
import type { Stage } from '../../kernel/stage.ts'
import type { ReceivedForm } from '../../kernel/upload.ts'
import { Fault } from '../../model/fault.ts'

type Received = Awaited<ReturnType<ExchangeInit['receive']>>

export function receive(clock: Clock): Stage {
  const take = (exchange: Exchange, taken: Received): void => {
    const bytes = 'uploads' in taken ? withFiles(exchange, taken) : taken
    exchange.receivedAt = clock.monotonic()
    const { address } = exchange
    const { dialect } = exchange.surface
    exchange.body = new Body(bytes, (json) => dialect.request.decode(json, address))
    exchange.head = dialect.head(exchange.body, address)
    countTurns(exchange.body, dialect.turns ?? 'messages', exchange.plan.messageLimit)
  }
  const takeLater = async (
    exchange: Exchange,
    received: Promise<Received>,
    next: () => Promise<Reply>,
  ): Promise<Reply> => {
    take(exchange, await received)
    // Awaited, because a promise that an async function merely returns goes round the queue three times more.
    return await next()
  }
  return {
    name: 'receive',
    run(exchange, next) {
      const received = exchange.receive()
      if (received instanceof Promise) return takeLater(exchange, received, next)
      take(exchange, received)
      return next()
    },
  }
}

/** Keeps the files until the exchange is settled: by then nobody is going to be sent them any more. */
function withFiles(exchange: Exchange, { fields, uploads }: ReceivedForm): Uint8Array {
  exchange.uploads = uploads
  exchange.settlements.push(() => {
    for (const upload of uploads) upload.discard()
  })
  return fields
}

export function countTurns(body: Body<unknown>, member: string, limit: number): void {
  const turns = body.spans().entries(member)
  if (turns > limit) {
    throw new Fault(
      'invalid_request',
      `${member} has ${turns} entries; this gateway takes at most ${limit} (limits.messages). Send fewer, or summarise older turns.`,
      { param: member },
    )
  }
}
