/** The plainest strategy: the targets in the order of the configuration, each one the fallback of those before it. */
import { z } from 'zod'
import type { Strategy } from '../kernel/strategy.ts'

export const fallback: Strategy<Record<string, never>> = {
  id: 'fallback',
  about: 'Tries the targets in the order in which they are configured.',
  targetOptions: z.strictObject({}),
  order: (targets) => targets,
}
