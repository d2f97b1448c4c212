/** What people ask of a replay, and the plan that it is made with: the gateway's own, in a past of its own. */
import type { Config } from '../../../config/types.ts'
import { seeded } from '../../../kernel/seeded.ts'
import type { Plan } from '../../../kernel/plan.ts'
import { noPlace } from '../../../kernel/strategy.ts'
import { Fault } from '../../../model/fault.ts'
import type { JsonObject } from '../../../model/json.ts'
import type { PlanContext } from '../../../pipeline/plan/compile-plan.ts'
import { Past } from './past.ts'
import { replayRouter } from './replay-router.ts'
import type { ReplayQuestion, ReplayReport } from './replay-router.ts'

export interface ReplayWish extends Pick<ReplayQuestion, 'model' | 'keyId' | 'since' | 'until' | 'limit' | 'isWanted'> {
  /** One of the configuration, or one that is only tried. */
  readonly router: string | JsonObject
  /** Of the chance that strategies draw. */
  readonly seed: number
}

/** What a plan of the past has in place of what is known now. */
export type PastContext = Pick<
  PlanContext,
  'random' | 'now' | 'signals' | 'circuit' | 'standing' | 'retries' | 'slots' | 'place'
>

export interface ReplayContext extends Pick<ReplayQuestion, 'records' | 'keyNamed'> {
  readonly config: Config
  readonly compile: (past: PastContext) => Plan | Promise<Plan>
}

/** Throws a Fault for a router that there is not, or that cannot be used. */
export async function replay(
  { router, seed, ...wish }: ReplayWish,
  { config, compile, records, keyNamed }: ReplayContext,
): Promise<ReplayReport> {
  const past = new Past(config.providers)
  const plan = await compile({
    random: seeded(seed),
    now: () => past.now(),
    signals: (deployment) => past.signals.signalsOf(deployment),
    circuit: (settings, index, model) => past.signals.circuitOf(settings, index, model),
    standing: (settings, index, model) => past.standings.standingOf(settings, index, model),
    retries: (provider) => past.retries.of(provider),
    slots: () => undefined,
    place: (name) => ({ ...noPlace, router: name }),
  })
  const route = typeof router === 'string' ? plan.resolve(router) : plan.inline(router).route
  if (route === undefined) throw unknownRouter(router)
  return replayRouter({ route, past, records, keyNamed, ...wish })
}

const unknownRouter = (router: string | JsonObject): Fault =>
  new Fault('model_not_found', `There is no model, alias or router named ${JSON.stringify(router).slice(0, 120)}.`, {
    param: 'router',
  })
