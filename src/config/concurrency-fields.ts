/** How much may be under way at once at a provider, or at one of its models. */
import { z } from 'zod'
import { integer, positiveDuration } from './scalars.ts'
import type { ConcurrencySettings } from './types.ts'

export const concurrencyFields = {
  max_concurrent: z
    .union([z.literal('adaptive'), integer(1, 1_000_000)], {
      error: () => 'expected a number of requests, or `adaptive`',
    })
    .optional()
    .describe(
      'Requests that are under way there at the same time. `adaptive`: as many as it is found to take without becoming slow or refusing. Left out: any number.',
    ),
  queue: z
    .strictObject({
      size: integer(0, 1_000_000)
        .prefault(100)
        .describe(
          'Requests that may wait for `max_concurrent`, when no other target has room; keys are let in by turns.',
        ),
      timeout: positiveDuration.prefault('10s').describe('How long one waits before it goes on to the next target.'),
    })
    .prefault({})
    .describe('Who waits when `max_concurrent` are under way.'),
}

interface Given {
  readonly max_concurrent?: number | 'adaptive' | undefined
  readonly queue: { readonly size: number; readonly timeout: number }
}

export function concurrencyOf({ max_concurrent: most, queue }: Given): { readonly concurrency?: ConcurrencySettings } {
  return most === undefined ? {} : { concurrency: { most, queueSize: queue.size, queueTimeout: queue.timeout } }
}
