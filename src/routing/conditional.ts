/** Chooses by what the request says and holds: the first target whose condition is met, and the others that are met behind it. */
import { z } from 'zod'
import { compileCondition, conditionSchema } from '../kernel/condition.ts'
import type { Condition } from '../kernel/condition.ts'
import { StrategyProblem } from '../kernel/strategy.ts'
import type { Strategy } from '../kernel/strategy.ts'

interface When {
  readonly when?: Condition | undefined
}

export const conditional: Strategy<When, Record<string, never>> = {
  id: 'conditional',
  alsoCalled: ['rules'],
  about:
    'Begins with the first target whose condition is met; others whose conditions are met follow, all others are left out. A target without a condition is always met: put it last.',
  options: z.strictObject({}),
  targetOptions: z.strictObject({
    when: conditionSchema
      .optional()
      .describe(
        'The condition: `{ field, eq | ne | in | gt | gte | lt | lte | contains | matches | exists }`, or several in `all`, `any` or `not`. [Fields](routing.md#fields).',
      ),
  }),
  compile(targets) {
    const tests = targets.map(({ options: { when } }, index) => {
      try {
        return when === undefined ? undefined : compileCondition(when)
      } catch (error) {
        if (!(error instanceof StrategyProblem)) throw error
        throw new StrategyProblem(error.message, ['targets', index, 'when', ...error.path])
      }
    })
    return (query, context) =>
      targets.filter((target, index) => {
        const met = tests[index]?.(query, target) ?? true
        if (!met) context.explain?.(target, { skipped: 'its condition is not met' })
        else if (context.explain !== undefined)
          context.explain(target, { note: tests[index] === undefined ? 'it has no condition' : 'its condition is met' })
        return met
      })
  },
}
