/** How deployments are checked that nobody asks. */
import { z } from 'zod'
import type { CheckSettings } from './types.ts'
import { duration, filled, flag, integer, positiveDuration, usd } from './scalars.ts'

export const checks = z
  .strictObject({
    enabled: flag
      .prefault(false)
      .describe(
        'Whether the gateway asks deployments that clients have not asked for a while. Standard and deep checks cost what they cost.',
      ),
    deployments: z.array(filled).min(1).default(['*']).describe('Which: patterns of `provider/model`.'),
    idle: positiveDuration.prefault('5m').describe('How long nobody has to have asked one for it to be checked.'),
    quick: duration
      .prefault('1m')
      .describe(
        'How often one is reached for: a connection and any answer, without a credential and at no cost. `0s`: never.',
      ),
    standard: duration
      .prefault('15m')
      .describe('How often one is asked for one token, or the vector of one word. `0s`: never.'),
    deep: duration.prefault('0s').describe('How often one is asked for a word, and its answer looked at. `0s`: never.'),
    jitter: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe('The share of these times that they vary by, to either side.'),
    timeout: positiveDuration.prefault('20s').describe('How long one check may take.'),
    budget: z
      .strictObject({
        calls: integer(0).prefault(120).describe('Standard and deep checks in an hour, of all deployments together.'),
        usd: usd.prefault(0.1).describe('What they may cost in a day.'),
      })
      .prefault({})
      .describe('How much may be spent on checks.'),
  })
  .prefault({})
  .describe('[Checks of deployments](routing.md#checks) that have no traffic.')

export const toChecks = (input: z.output<typeof checks>): CheckSettings => ({
  enabled: input.enabled,
  deployments: input.deployments,
  idle: input.idle,
  intervals: { quick: input.quick, standard: input.standard, deep: input.deep },
  jitter: input.jitter,
  timeout: input.timeout,
  callsPerHour: input.budget.calls,
  costPerDay: input.budget.usd,
})
