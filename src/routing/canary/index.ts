/** Gives a new target a growing share of the requests, and takes it back when it does worse than the one that it is to replace. */
import { z } from 'zod'
import { hash32 } from '../../kernel/hash32.ts'
import { retention } from '../../kernel/scalar.ts'
import { StrategyProblem } from '../../kernel/strategy.ts'
import type { Strategy } from '../../kernel/strategy.ts'
import { subjectOf, subjectSchema } from '../../kernel/subject.ts'
import { rampOf } from './ramp.ts'
import type { RampOptions } from './ramp.ts'
import type { RollbackOptions } from './comparison.ts'
import { Rollout } from './rollout.ts'

interface Options extends RampOptions {
  readonly sticky?: string | undefined
  readonly rollback: false | RollbackOptions
  readonly run?: string | number | undefined
}

const share = z.number().min(0).max(100)

/** Answers of the second target from which on anything can be said of it. */
const usualEnough = 30

export const canary: Strategy<Record<string, never>, Options> = {
  id: 'canary',
  alsoCalled: ['canary_release', 'gradual_rollout'],
  about:
    'Gives the second of two targets a share of the requests that grows by a schedule, and takes it back when it fails more often or is slower than the first by more than chance.',
  configuredOnly: true,
  options: z.strictObject({
    steps: z
      .array(
        z.strictObject({
          share: share.describe('Percent of the requests.'),
          for: retention.optional().describe('How long the step lasts; left out of the last one: for ever.'),
        }),
      )
      .min(1)
      .optional()
      .describe(
        'The schedule: `[{ share: 1, for: 10m }, { share: 10, for: 1h }]`, shares in percent. After the last step the second target takes all; a last step without `for` lasts for ever.',
      ),
    from: share.default(1).describe('In place of `steps`: the share, in percent, that a steady rise begins with.'),
    to: share.default(100).describe('The share that it ends with; at 100 the second target takes all from then on.'),
    over: retention.optional().describe('How long it rises.'),
    sticky: subjectSchema
      .optional()
      .describe('Keeps each with its target: `user`, `key`, `session`, `prefix`, `header.NAME` or `metadata.NAME`.'),
    rollback: z
      .union([
        z.literal(false),
        z.strictObject({
          confidence: z
            .number()
            .min(0.5)
            .max(0.9999)
            .default(0.99)
            .describe('How sure it must be, over all looks together, that the second target is worse.'),
          min_requests: z
            .int()
            .min(10)
            .max(100_000)
            .default(usualEnough)
            .describe('Requests of it before the first look.'),
          error_increase: z
            .number()
            .min(0)
            .max(1)
            .default(0.01)
            .describe('How much larger its share of failed requests may be, however sure it is.'),
          latency_increase: z
            .number()
            .min(0)
            .max(100)
            .default(0.2)
            .describe('How much longer its median may be, as a share of that of the first.'),
        }),
      ])
      .prefault({})
      .describe('When it is taken back by itself: `{ confidence, min_requests, … }`; `false` for never.'),
    run: z.union([z.string(), z.number()]).optional().describe('Any other value than before begins anew.'),
  }),
  targetOptions: z.strictObject({}),
  compile(targets, options, place) {
    const [baseline, next, ...others] = targets
    if (baseline === undefined || next === undefined || others.length > 0)
      throw new StrategyProblem('must be two: the one that is there, and the one that is to replace it', ['targets'])
    const ramp = rampOf(options)
    const { sticky, rollback } = options
    const rollout = place.keep(
      () =>
        new Rollout({
          ramp,
          rollback: rollback === false ? undefined : rollback,
          enough: rollback === false ? usualEnough : rollback.min_requests,
          target: next.id,
          tell: (event) => place.tell(event),
          remember: (state) => place.remember(state),
          before: place.recall(),
        }),
    )
    return (query, { now, random, explain }) => {
      const subject = sticky === undefined ? undefined : subjectOf(query, sticky)
      const draw = subject === undefined ? random() : hash32(`${place.router}:${subject}`) / 4_294_967_296
      const current = rollout.shareAt(now, explain === undefined)
      const isNext = draw < current
      if (explain !== undefined) {
        explain(next, { score: current * 100, unit: '% of the requests', note: `${rollout.state}: ${rollout.why}` })
        explain(baseline, { score: (1 - current) * 100, unit: '% of the requests' })
      }
      if (rollout.state === 'ramping') {
        const [side, target] = isNext ? (['canary', next] as const) : (['baseline', baseline] as const)
        query.whenSettled((record) => rollout.settle(side, target, record))
      }
      if (rollout.state === 'rolled_back') return [baseline]
      return isNext ? [next, baseline] : [baseline, next]
    }
  },
}
