/**
 * The same subject goes to the same target, whose prompt cache knows its conversations; when a target comes or goes, only its share
 * moves. Targets that are much busier than the others are passed over, so one busy subject cannot bury its target.
 */
import { z } from 'zod'
import { hash32 } from '../kernel/hash32.ts'
import { inFlightAt } from '../kernel/ranking.ts'
import type { Strategy } from '../kernel/strategy.ts'
import { subjectOf, subjectSchema } from '../kernel/subject.ts'

interface Weight {
  readonly weight: number
}

interface Options {
  readonly by: string
  readonly load: number
}

/** Points of a target of weight 1 on the ring: shares differ by a few percent. */
const mostPoints = 160
/** Of all targets together. */
const largestRing = 65_536

export const consistentHash: Strategy<Weight, Options> = {
  id: 'consistent_hash',
  alsoCalled: ['sticky', 'hash', 'session_affinity'],
  about:
    'Sends what belongs together to the same target: by user, key, session, the beginning of the prompt or a header.',
  options: z.strictObject({
    by: subjectSchema
      .default('session')
      .describe(
        'What belongs together: `user`, `key`, `session` (the headers `x-session-id`, `session_id` or `metadata.session_id`, else the user), `prefix` (the beginning of the conversation), `header.NAME` or `metadata.NAME`. A request that does not say is sent anywhere.',
      ),
    load: z
      .number()
      .min(1)
      .max(100)
      .default(1.25)
      .describe('A target with more than so many times its share of the requests under way is passed over.'),
  }),
  targetOptions: z.strictObject({
    weight: z.number().positive().max(100).default(1).describe('Its share, beside the weights of the others.'),
  }),
  compile(targets, { by, load }) {
    const weights = targets.reduce((sum, { options: { weight } }) => sum + weight, 0)
    const points = Math.min(mostPoints, largestRing / weights)
    const ring = targets
      .flatMap((target) =>
        Array.from({ length: Math.max(1, Math.round(points * target.options.weight)) }, (_, point) => ({
          at: hash32(`${target.id}#${point}`),
          target,
        })),
      )
      .toSorted((a, b) => a.at - b.at)
    return (query, { random, explain }) => {
      const subject = subjectOf(query, by)
      const order = walk(
        ring,
        subject === undefined ? Math.floor(random() * 4_294_967_296) : hash32(subject),
        targets.length,
      )
      const flights = new Map(order.map((target) => [target, inFlightAt(target)]))
      const all = [...flights.values()].reduce((sum, each) => sum + each, 1)
      const isFree = (target: (typeof targets)[number]): boolean =>
        (flights.get(target) ?? 0) < Math.ceil((load * all * target.options.weight) / weights)
      if (explain !== undefined)
        for (const target of order)
          explain(target, isFree(target) ? {} : { note: 'it has more than its share of requests under way' })
      return [...order.filter(isFree), ...order.filter((target) => !isFree(target))]
    }
  },
}

/** Each target once, in the order in which their points follow. */
function walk<T>(ring: readonly { readonly at: number; readonly target: T }[], from: number, count: number): T[] {
  let low = 0
  let high = ring.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ring[middle]?.at ?? 0) < from) low = middle + 1
    else high = middle
  }
  const found = new Set<T>()
  for (let step = 0; step < ring.length && found.size < count; step += 1) {
    const point = ring[(low + step) % ring.length]
    if (point !== undefined) found.add(point.target)
  }
  return [...found]
}
