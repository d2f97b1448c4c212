/**
 * Lets a background response go on without its client. Two stages: the outer one answers the client as soon as the inner one, behind
 * everything that may refuse the request, has taken it over; what comes back through all stages later goes to the run.
 */
import type { Exchange } from '../../kernel/exchange.ts'
import type { Reply } from '../../kernel/reply.ts'
import type { Stage } from '../../kernel/stage.ts'
import { asFault } from '../../model/fault.ts'
import type { BackgroundRun } from '../responses/background-run.ts'
import type { BackgroundRuns } from '../responses/background.ts'
import { turnOf } from '../responses/turn.ts'

type Detached = (run: BackgroundRun, reply: Reply) => void

export function detach(runs: BackgroundRuns): { readonly outer: Stage; readonly inner: Stage } {
  const waiting = new WeakMap<Exchange, Detached>()
  return {
    outer: {
      name: 'detach',
      run: (exchange, next) =>
        new Promise((resolve, reject) => {
          let run: BackgroundRun | undefined
          waiting.set(exchange, (detached, reply) => {
            run = detached
            resolve(reply)
          })
          next().then(
            (reply) => {
              if (run === undefined) resolve(reply)
              else run.take(reply)
            },
            (error: unknown) => {
              const fault = asFault(error)
              if (run === undefined) reject(fault)
              else run.failed(fault)
            },
          )
        }),
    },
    inner: {
      name: 'enqueue',
      async run(exchange, next) {
        const turn = turnOf(exchange)
        if (turn?.promised === undefined) return next()
        const { run, reply } = runs.accept(exchange, turn, turn.promised)
        waiting.get(exchange)?.(run, reply)
        await runs.turnOf(run)
        return next()
      },
    },
  }
}
