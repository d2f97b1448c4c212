/** Gives a turn of the Responses API what it follows, and keeps its answer. */
import type { Stage } from '../../kernel/stage.ts'
import type { Memory } from '../responses/memory.ts'
import { setTurn } from '../responses/turn.ts'

export function remember(memory: Memory): Stage {
  return {
    name: 'remember',
    async run(exchange, next) {
      const turn = memory.recall(exchange)
      if (turn === undefined) return next()
      setTurn(exchange, turn)
      const reply = await next()
      return memory.remember(exchange, turn, reply)
    },
  }
}

/** Gives a request that makes no answer of its own what it follows. */
export function recall(memory: Memory): Stage {
  return {
    name: 'recall',
    run(exchange, next) {
      memory.recall(exchange)
      return next()
    },
  }
}
