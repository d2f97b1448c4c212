/**
 * The attempt loop: every target of the route once, best first and without waiting; when all have failed in a way that may pass, a
 * pause and another round. Permanent refusals take a target out, a request that is wrong in itself ends the loop at once.
 */
import type { Clock, Random } from '../../kernel/clock.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { MediaFetcher } from '../../kernel/media-fetcher.ts'
import type { Reply } from '../../kernel/reply.ts'
import { Fault, asFault } from '../../model/fault.ts'
import { restMsOf } from '../plan/route-tree.ts'
import { attemptStandIn } from '../stand-ins/attempt-stand-in.ts'
import type { AttemptInput, AttemptResult, Failure } from './attempt.ts'
import { prepare } from './outbound.ts'
import type { Prepared } from './outbound.ts'
import { attemptUntilFit } from './until-fit.ts'

export interface RoundsContext {
  readonly clock: Clock
  readonly random: Random
  readonly media?: MediaFetcher
}

export async function runRounds(
  exchange: Exchange,
  targets: readonly Deployment[],
  { clock, random, media }: RoundsContext,
): Promise<Reply> {
  const { retries } = exchange.plan
  const deadlineAt = exchange.startedAt + (exchange.totalTimeout ?? exchange.plan.totalTimeout)
  const failures: Failed[] = []
  let unfit: Fault | undefined
  let eligible = asTheyStand(targets, clock.monotonic())
  /** Monotonic time that was waited for. */
  let waitedUntil = 0

  for (let round = 0; ; round += 1) {
    const again: Waiting[] = []
    for (const target of eligible) {
      if (exchange.gone) throw clientGone()
      const { deployment } = target
      // Who asked for a longer pause than this round was worth sits it out.
      if (target.readyAt > waitedUntil) {
        again.push(target)
        continue
      }
      // It failed for others meanwhile, or others are finding out whether it works.
      const wait = target.lastResort === true ? 0 : deployment.circuit.waitMs()
      if (wait > 0) {
        again.push({ deployment, readyAt: clock.monotonic() + wait })
        continue
      }
      const result = await ask({ exchange, deployment, clock, deadlineAt, media }, media)
      if (result instanceof Fault) {
        unfit = result
        continue
      }
      if (result.ok) return result.reply
      failures.push({ ...result, deployment: deployment.id, status: exchange.attempts.at(-1)?.status })
      // What this target says is the answer, whatever happened at others before.
      if (!result.failOver) return giveUp(exchange, [], result)
      if (result.retry) again.push({ deployment, readyAt: clock.monotonic() + (result.fault.retryAfterMs ?? 0) })
    }
    const told = mostHopeful(failures)
    if (told === undefined && again.length > 0) {
      // Nobody else could even be asked.
      eligible = again.map(ready)
      continue
    }
    if (told === undefined) {
      throw (
        unfit ??
        new Fault(
          'operation_not_supported',
          `${exchange.head.model} has no target that serves ${exchange.surface.operation}.`,
        )
      )
    }
    if (again.length === 0 || round >= retries.rounds) return giveUp(exchange, failures, told)
    const now = clock.monotonic()
    const backoff = random() * Math.min(retries.maxDelay, retries.baseDelay * 2 ** round)
    const wait = Math.max(backoff, Math.min(...again.map(({ readyAt }) => readyAt)) - now)
    if (wait > retries.maxDelay || now + wait >= deadlineAt) return giveUp(exchange, failures, told)
    await pause(exchange, clock, wait)
    exchange.waited += wait
    waitedUntil = now + wait
    eligible = again
  }
}

type Target = Omit<AttemptInput, 'prepared'>

/** A Fault where the target cannot even be asked. */
async function ask(target: Target, media: MediaFetcher | undefined): Promise<AttemptResult | Fault> {
  const { exchange, deployment } = target
  if (deployment.standIn !== undefined) {
    exchange.deployment = deployment
    return attemptStandIn({ ...target, standIn: deployment.standIn }).catch(unfitness)
  }
  const preparing = prepareFor(exchange, deployment, media)
  let prepared = preparing instanceof Promise ? await preparing : preparing
  if (exchange.gone) throw clientGone()
  if (prepared instanceof Fault) return prepared
  exchange.deployment = deployment
  let result = await attemptUntilFit({ ...target, prepared })
  if (!result.ok && prepared.native && hasForgotten(result.fault)) {
    // What the provider no longer remembers, it is told again.
    exchange.native = undefined
    prepared = await prepareFor(exchange, deployment, media)
    if (prepared instanceof Fault) throw prepared
    result = await attemptUntilFit({ ...target, prepared })
  }
  if (result.ok) exchange.lost.push(...prepared.lost)
  return result
}

/** The refusal is about the earlier turns, which the provider was to remember. */
const hasForgotten = ({ param, upstream }: Fault): boolean =>
  param === 'previous_response_id' || upstream?.code === 'previous_response_not_found'

interface Waiting {
  readonly deployment: Deployment
  /** Monotonic time before which it asked not to be called. */
  readonly readyAt: number
  /** Nobody else is left: it is asked although it rests. */
  readonly lastResort?: boolean
}

const ready = ({ deployment }: Waiting): Waiting => ({ deployment, readyAt: 0, lastResort: true })

/**
 * Who rests, because its credential was refused or is used up, sits out until that is over, as long as there is anybody else. When
 * all rest they are asked all the same, the one first that is to rest the least: only the provider knows whether it is right. Of those
 * whose circuits are open it is one, for it is them that the circuit spares.
 */
function asTheyStand(targets: readonly Deployment[], now: number): readonly Waiting[] {
  const waiting = targets.map((deployment) => {
    const rest = restMsOf(deployment)
    return { deployment, readyAt: rest === 0 ? 0 : now + rest }
  })
  if (waiting.some(({ readyAt }) => readyAt === 0)) return waiting
  const [first, ...others] = waiting.toSorted((a, b) => a.readyAt - b.readyAt)
  if (first === undefined) return []
  return [first, ...others.filter(({ deployment }) => deployment.circuit.waitMs() === 0)].map(ready)
}

interface Failed extends Failure {
  readonly deployment: string
  /** What the provider answered, if it did. */
  readonly status: number | undefined
}

/** Of several failures the client hears one; if one of them may pass, then the last that may, or it would give up for good. */
function mostHopeful(failures: readonly Failed[]): Failed | undefined {
  return failures.findLast(({ retry }) => retry) ?? failures.at(-1)
}

const clientGone = (): Fault =>
  new Fault('client_gone', 'The client closed the connection before the answer was complete.')

function prepareFor(
  exchange: Exchange,
  deployment: Deployment,
  media: MediaFetcher | undefined,
): Prepared | Fault | Promise<Prepared | Fault> {
  try {
    const prepared = prepare(exchange, deployment, media)
    return prepared instanceof Promise ? prepared.catch(unfitness) : prepared
  } catch (error) {
    return unfitness(error)
  }
}

/** Only what depends on the target lets another one try. */
function unfitness(error: unknown): Fault {
  const fault = asFault(error)
  if (fault.code === 'not_expressible' || fault.code === 'operation_not_supported') return fault
  throw fault
}

function giveUp(exchange: Exchange, failures: readonly Failed[], { fault, verbatim }: Failure): Reply {
  if (exchange.gone) throw clientGone()
  const tried = new Set(failures.map(({ deployment }) => deployment))
  if (tried.size <= 1) {
    if (verbatim !== undefined) return verbatim
    throw fault
  }
  const story = failures.map(
    ({ deployment, status, fault: { message } }) =>
      `${deployment}${status === undefined ? '' : ` (${status})`}: ${message}`,
  )
  throw new Fault(fault.code, `All targets of ${exchange.head.model} failed. ${story.join(' | ')}`, {
    status: fault.status,
    ...(fault.retryAfterMs !== undefined && { retryAfterMs: fault.retryAfterMs }),
    ...(fault.param !== undefined && { param: fault.param }),
    ...(fault.upstream !== undefined && { upstream: fault.upstream }),
    ...(fault.headers !== undefined && { headers: fault.headers }),
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
