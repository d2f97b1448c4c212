/** The plainest strategy: the targets in the order of the configuration, each one the fallback of those before it. */
import { z } from 'zod'
import type { Strategy } from '../kernel/strategy.ts'

export const fallback: Strategy<Record<string, never>, Record<string, never>> = {
  id: 'fallback',
  alsoCalled: ['failover', 'priority'],
  about: 'Tries the targets in the order in which they are configured.',
  options: z.strictObject({}),
  targetOptions: z.strictObject({}),
  compile: (targets) => () => targets,
}
