/**
 * The attempt loop: every target of the route once, best first and without waiting; when all have failed in a way that may pass, a
 * pause and another round. Permanent refusals take a target out, a request that is wrong in itself ends the loop at once.
 */
import type { Clock, Random } from '../../kernel/clock.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { MediaFetcher } from '../../kernel/media-fetcher.ts'
import type { Reply } from '../../kernel/reply.ts'
import type { DecidedHedge, Decision } from '../../kernel/route.ts'
import { Fault, asFault } from '../../model/fault.ts'
import { likelyInput } from '../input-estimate.ts'
import { restMsOf } from '../plan/route-tree.ts'
import { outside } from '../within-residency.ts'
import { attemptStandIn } from '../stand-ins/attempt-stand-in.ts'
import type { AttemptInput, AttemptResult, Failure } from './attempt-result.ts'
import { prepare } from './outbound.ts'
import { Fallbacks, largeEnoughFirst } from './fallbacks.ts'
import { raceTargets } from './race-targets.ts'
import type { Raced } from './race-targets.ts'
import type { Prepared } from './outbound.ts'
import { attemptUntilFit } from './until-fit.ts'

export interface RoundsContext {
  readonly clock: Clock
  readonly random: Random
  readonly media?: MediaFetcher
}

export async function runRounds(
  exchange: Exchange,
  { targets: decided, hedge }: Decision,
  { clock, random, media }: RoundsContext,
): Promise<Reply> {
  const fallbacks = exchange.route?.fallbacks
  const others = fallbacks === undefined ? undefined : new Fallbacks(exchange, fallbacks)
  const sized = largeEnoughFirst(exchange, decided)
  const targets = others === undefined ? sized : await others.withRoom(sized)
  if (targets.length === 0 && exchange.residency !== undefined)
    throw outside(exchange, `What "${exchange.head.model}" leads to for this request is elsewhere`)
  if (targets.length === 0)
    throw new Fault(
      'no_target',
      `"${exchange.head.model}" has no target for this request: the conditions of none are met, or none is good enough.`,
      { param: 'model' },
    )
  const { retries } = exchange.plan
  const deadlineAt = exchange.startedAt + (exchange.totalTimeout ?? exchange.plan.totalTimeout)
  const failures: Failed[] = []
  let unfit: Fault | undefined
  let eligible = asTheyStand(withRoomFirst(exchange, targets), clock.monotonic())
  /** Monotonic time that was waited for. */
  let waitedUntil = 0

  let raced: Raced<Waiting> | undefined
  if (hedge !== undefined && mayBeRaced(exchange, targets)) {
    const runners = oneOfEach(hedge.lanes, eligible)
    if (runners.length > 1)
      raced = await raceTargets({ exchange, clock, hedge }, runners, ({ deployment }, lane) => {
        deployment.retries.asked()
        return ask({ exchange, deployment, clock, deadlineAt, lane, watchFilter: others?.watchFilter === true }, media)
      })
    if (raced?.won !== undefined) return raced.won.reply
    if (raced?.final !== undefined) {
      const instead = await others?.after(raced.final.fault)
      if (instead === undefined) return giveUp(exchange, [], raced.final)
      if (exchange.deployment !== undefined) failures.push({ ...raced.final, deployment: exchange.deployment })
      eligible = asTheyStand(instead, clock.monotonic())
      raced = undefined
    }
  }

  for (let round = 0; ; round += 1) {
    let again: Waiting[] = []
    let queue = eligible
    for (let index = 0; index < queue.length; index += 1) {
      const target = queue[index]
      if (target === undefined) continue
      if (exchange.gone) throw clientGone()
      const { deployment } = target
      // Who asked for a longer pause than this round was worth sits it out.
      if (target.readyAt > waitedUntil) {
        again.push(target)
        continue
      }
      // It failed for others meanwhile, or others are finding out whether it works.
      const known = round === 0 ? raced?.outcomes.get(target) : undefined
      const wait = known === undefined ? isSpared(target) : 0
      if (wait > 0) {
        again.push({ deployment, readyAt: clock.monotonic() + wait })
        continue
      }
      if (known === undefined && target.deferred !== true && hasRoomBehind(queue, index)) {
        queue = queue.concat({ ...target, deferred: true })
        continue
      }
      if (known === undefined && !mayAsk(exchange, deployment, failures)) continue
      const watchFilter = others?.watchFilter === true
      const result = known ?? (await ask({ exchange, deployment, clock, deadlineAt, media, watchFilter }, media))
      if (result instanceof Fault) {
        unfit = result
        continue
      }
      if (result.ok) return result.reply
      failures.push({ ...result, deployment })
      const instead = others === undefined ? undefined : await others.after(result.fault)
      if (instead !== undefined) {
        queue = asTheyStand(instead, clock.monotonic())
        index = -1
        again = []
        continue
      }
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
    if (again.length === 0 || round >= (exchange.rounds ?? retries.rounds)) return giveUp(exchange, failures, told)
    if (!again.some(({ deployment }) => mayBeAskedLater(exchange, deployment, failures))) {
      // Each is counted as refused.
      for (const { deployment } of again) deployment.retries.take(exchange.plan.retries.budget)
      return giveUp(exchange, failures, told)
    }
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

/** Of each lane the first that may be asked now, in the order of all: two of one lane would be the same thing asked twice. */
function oneOfEach(lanes: DecidedHedge['lanes'], eligible: readonly Waiting[]): Waiting[] {
  const taken = new Set<number>()
  return eligible.filter((target) => {
    if (target.readyAt > 0 || isSpared(target) > 0) return false
    const lane = lanes.findIndex((of, index) => !taken.has(index) && of.includes(target.deployment))
    if (lane === -1) return false
    taken.add(lane)
    return true
  })
}

/** Whose limits have nothing left for this request, by what its own answers told, comes after all others. */
function withRoomFirst(exchange: Exchange, targets: readonly Deployment[]): readonly Deployment[] {
  if (targets.length < 2 || !targets.some(({ standing }) => standing.limits?.known === true)) return targets
  const tokens = likelyInput(exchange)
  const hasRoom = ({ standing }: Deployment): boolean => standing.limits?.hasRoomFor(tokens) !== false
  return targets.every(hasRoom) ? targets : [...targets.filter(hasRoom), ...targets.filter((each) => !hasRoom(each))]
}

/** A request does not wait at one target while another has room. */
function hasRoomBehind(queue: readonly Waiting[], index: number): boolean {
  if (queue[index]?.deployment.slots?.busy !== true) return false
  return queue.some(
    (target, at) =>
      at > index && target.readyAt === 0 && target.deployment.slots?.busy !== true && isSpared(target) === 0,
  )
}

/** A provider that has failed this request is asked again only as long as not too much is, but for the first other target. */
function mayAsk({ plan }: Exchange, deployment: Deployment, failures: readonly Failed[]): boolean {
  const { retries } = deployment
  if (!hasFailed(deployment, failures)) {
    retries.asked()
    return true
  }
  return isFirstOther(deployment, failures) || retries.take(plan.retries.budget)
}

/** Whether it is worth waiting for: nobody waits to be told that there is no more of the budget. */
const mayBeAskedLater = ({ plan }: Exchange, deployment: Deployment, failures: readonly Failed[]): boolean =>
  !hasFailed(deployment, failures) || isFirstOther(deployment, failures) || deployment.retries.has(plan.retries.budget)

const hasFailed = ({ provider }: Deployment, failures: readonly Failed[]): boolean =>
  failures.some((failed) => failed.deployment.provider === provider)

const isFirstOther = (deployment: Deployment, failures: readonly Failed[]): boolean =>
  failures.length === 1 && failures[0]?.deployment !== deployment

type Target = Omit<AttemptInput, 'prepared'>

/** Milliseconds that its circuit keeps requests from it. */
const isSpared = ({ deployment, lastResort }: Waiting): number =>
  lastResort === true ? 0 : deployment.circuit.waitMs()

/** What can be asked of several at once, and given up halfway: nothing that makes something that stays, or that comes with a file. */
function mayBeRaced({ surface, head, uploads }: Exchange, targets: readonly Deployment[]): boolean {
  if (uploads.length > 0 || targets.some(({ standIn }) => standIn !== undefined)) return false
  const { operation } = surface
  if (operation === 'embed' || operation === 'moderate') return (head.inputs ?? 1) <= 1
  return operation === 'chat' || operation === 'rerank'
}

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
  // Of several, the one that is heard, or that failed last.
  if (target.lane === undefined) exchange.deployment = deployment
  let result = await attemptUntilFit({ ...target, prepared })
  if (!result.ok && prepared.native && hasForgotten(result.fault)) {
    // What the provider no longer remembers, it is told again.
    exchange.native = undefined
    prepared = await prepareFor(exchange, deployment, media)
    if (prepared instanceof Fault) throw prepared
    result = await attemptUntilFit({ ...target, prepared })
  }
  if (result.ok) exchange.lost.push(...prepared.lost)
  else if (target.lane?.lost === false) exchange.deployment = deployment
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
  /** It has no room, and those behind it were asked first. */
  readonly deferred?: boolean
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
  readonly deployment: Deployment
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
  const tried = new Set(failures.map(({ deployment }) => deployment.id))
  if (tried.size <= 1) {
    if (verbatim !== undefined) return verbatim
    throw fault
  }
  const story = failures.map(
    ({ deployment, status, fault: { message } }) =>
      `${deployment.id}${status === undefined ? '' : ` (${status})`}: ${message}`,
  )
  throw new Fault(fault.code, `All targets of ${exchange.head.model} failed. ${story.join(' | ')}`, {
    status: fault.status,
    ...(fault.retryAfterMs !== undefined && { retryAfterMs: fault.retryAfterMs }),
    ...(fault.param !== undefined && { param: fault.param }),
    // Without a code of its own the provider's words would stand in place of ours.
    ...(fault.upstream?.code !== undefined && { upstream: fault.upstream }),
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
