/** Asks shadow targets for the same as well, after the client has been answered: what another model would have said, without a risk. */
import { z } from 'zod'
import { StrategyProblem } from '../kernel/strategy.ts'
import type { Strategy } from '../kernel/strategy.ts'

interface Shadow {
  readonly shadow: boolean
}

export const mirror: Strategy<Shadow, { readonly share: number }> = {
  id: 'mirror',
  alsoCalled: ['shadow', 'traffic_mirroring'],
  about:
    'Answers with its targets in the order of the configuration, and asks its shadow targets for the same afterwards, for comparison on record.',
  // Nobody pays for shadows, so nobody may bring them along.
  configuredOnly: true,
  options: z.strictObject({
    share: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe('Of the requests, the share that shadow targets are asked too.'),
  }),
  targetOptions: z.strictObject({
    shadow: z
      .boolean()
      .default(false)
      .describe('It is asked for comparison alone: no client is answered by it, and no key pays for it.'),
  }),
  isShadow: ({ shadow }) => shadow,
  compile(targets, { share }) {
    const shadows = targets.filter(({ options }) => options.shadow)
    const answering = targets.filter(({ options }) => !options.shadow)
    if (answering.length === 0) throw new StrategyProblem('has no target that answers', ['targets'])
    if (shadows.length === 0) throw new StrategyProblem('has no target with `shadow: true`', ['targets'])
    return (_query, { random, explain }) => {
      for (const target of shadows) explain?.(target, { note: 'asked after the answer, for comparison alone' })
      return random() < share ? { targets: answering, mirrors: shadows } : answering
    }
  },
}
