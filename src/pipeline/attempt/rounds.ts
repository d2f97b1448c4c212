/**
 * The attempt loop: every target of the route once, best first and without waiting; when all have failed in a way that may pass, a
 * pause and another round. Permanent refusals take a target out, a request that is wrong in itself ends the loop at once.
 */
import type { Clock, Random } from '../../kernel/clock.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { Reply } from '../../kernel/reply.ts'
import { Fault, asFault } from '../../model/fault.ts'
import { attempt } from './attempt.ts'
import type { Failure } from './attempt.ts'
import { prepare } from './outbound.ts'
import type { Prepared } from './outbound.ts'

export interface RoundsContext {
  readonly clock: Clock
  readonly random: Random
}

export async function runRounds(
  exchange: Exchange,
  targets: readonly Deployment[],
  { clock, random }: RoundsContext,
): Promise<Reply> {
  const { retries, totalTimeout } = exchange.plan
  const deadlineAt = exchange.startedAt + totalTimeout
  let eligible = targets
  let last: Failure | undefined

  for (let round = 0; ; round += 1) {
    const again: Deployment[] = []
    let shortestWait = Infinity
    for (const deployment of eligible) {
      const prepared = prepareFor(exchange, deployment)
      if (prepared instanceof Fault) {
        last = { ok: false, fault: prepared, failOver: true, retry: false }
        continue
      }
      exchange.deployment = deployment
      const result = await attempt({ exchange, deployment, prepared, clock, deadlineAt })
      if (result.ok) {
        exchange.lost.push(...prepared.lost)
        return result.reply
      }
      if (!result.failOver) return giveUp(exchange, result)
      last = result
      if (result.retry) {
        again.push(deployment)
        shortestWait = Math.min(shortestWait, result.fault.retryAfterMs ?? 0)
      }
    }
    if (last === undefined)
      throw new Fault(
        'operation_not_supported',
        `${exchange.head.model} has no target that serves ${exchange.surface.operation}.`,
      )
    if (again.length === 0 || round >= retries.rounds) return giveUp(exchange, last)
    const backoff = random() * Math.min(retries.maxDelay, retries.baseDelay * 2 ** round)
    const wait = Math.max(backoff, shortestWait)
    if (wait > retries.maxDelay || clock.monotonic() + wait >= deadlineAt) return giveUp(exchange, last)
    await pause(exchange, clock, wait)
    exchange.waited += wait
    eligible = again
  }
}

function prepareFor(exchange: Exchange, deployment: Deployment): Prepared | Fault {
  try {
    return prepare(exchange, deployment)
  } catch (error) {
    const fault = asFault(error)
    // Only what depends on the target lets another one try.
    if (fault.code === 'not_expressible' || fault.code === 'operation_not_supported') return fault
    throw fault
  }
}

function giveUp(exchange: Exchange, { fault, verbatim }: Failure): Reply {
  if (exchange.gone) throw new Fault('client_gone', 'The client closed the connection before the answer was complete.')
  const tried = new Set(exchange.attempts.map(({ deployment }) => deployment))
  if (tried.size <= 1) {
    if (verbatim !== undefined) return verbatim
    throw fault
  }
  const story = exchange.attempts.map(
    ({ deployment, status, message }) =>
      `${deployment}${status === undefined ? '' : ` (${status})`}: ${message ?? 'failed'}`,
  )
  throw new Fault(fault.code, `All targets of ${exchange.head.model} failed. ${story.join(' | ')}`, {
    status: fault.status,
    ...(fault.retryAfterMs !== undefined && { retryAfterMs: fault.retryAfterMs }),
    ...(fault.param !== undefined && { param: fault.param }),
    ...(fault.upstream !== undefined && { upstream: fault.upstream }),
  })
}

function pause(exchange: Exchange, clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(milliseconds, () => {
      exchange.whenGone(undefined)
      resolve()
    })
    exchange.whenGone(() => {
      timer.cancel()
      resolve()
    })
  })
}
