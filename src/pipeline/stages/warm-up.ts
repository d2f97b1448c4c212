/** Answers a turn that is only to be remembered (`generate: false`), without asking a provider: an answer with no output. */
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { StreamSource } from '../../kernel/reply.ts'
import type { Stage } from '../../kernel/stage.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { newId } from '../responses/items.ts'
import { isWarmup } from '../responses/session.ts'
import { skeletonOf } from '../responses/skeleton.ts'
import { turnOf } from '../responses/turn.ts'

export function warmUp(clock: Clock): Stage {
  return {
    name: 'warm-up',
    run(exchange, next) {
      const turn = turnOf(exchange)
      if (turn === undefined || !isWarmup(exchange)) return next()
      const request = exchange.body.json()
      const promised = { id: newId('resp'), createdAt: clock.now() }
      const asked = { ...turn, request: isJsonObject(request) ? request : {} }
      const source = eventsSource([
        { type: 'response.created', response: skeletonOf(asked, promised, 'in_progress') },
        { type: 'response.completed', response: skeletonOf(asked, promised, 'completed') },
      ])
      return Promise.resolve({ kind: 'stream', status: 200, contentType: 'text/event-stream', source })
    },
  }
}

function eventsSource(events: readonly (JsonObject & { readonly type: string })[]): StreamSource {
  return {
    start(sink) {
      for (const [sequence, event] of events.entries()) {
        const data = JSON.stringify({ ...event, sequence_number: sequence })
        sink.write(formatSseEvent({ event: event.type, data }))
      }
      sink.end({ outcome: 'ok', facts: {}, estimatedOutput: 0 })
    },
    resume() {},
  }
}
