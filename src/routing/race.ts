/** Asks several targets at once and gives the first good answer: the quickest there is, for the price of all of them. */
import { z } from 'zod'
import type { Strategy } from '../kernel/strategy.ts'

export const race: Strategy<Record<string, never>, { readonly width: number }> = {
  id: 'race',
  alsoCalled: ['fastest_response', 'parallel'],
  about:
    'Asks several targets at once; the first good answer is given, the others are let go and paid for as far as they came.',
  options: z.strictObject({
    width: z
      .number()
      .int()
      .min(2)
      .max(5)
      .default(2)
      .describe('How many targets are asked at once; the rest are fallbacks.'),
  }),
  targetOptions: z.strictObject({}),
  atOnce: ({ width }) => width,
  compile:
    (targets, { width }) =>
    () => ({ targets, hedge: { after: 0, most: width - 1, share: 1 } }),
}
