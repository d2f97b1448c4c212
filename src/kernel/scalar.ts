/** How the configuration reads one scalar: what is wrong with it is said in one sentence, with a hint. Numbers may come as text. */
import { z } from 'zod'
import { parseRetention } from './duration.ts'
import { ScalarError } from './scalar-error.ts'

const textOrNumber = (kind: string) => z.union([z.string(), z.number()], { error: () => `expected ${kind}` })

/** Turns what `parse` throws into an issue that carries the hint along. */
export function scalar<T>(kind: string, parse: (value: string | number) => T) {
  return textOrNumber(kind).transform((value, context): T => {
    try {
      return parse(value)
    } catch (error) {
      if (!(error instanceof ScalarError)) throw error
      context.issues.push({ code: 'custom', message: error.message, input: value, params: { hint: error.hint } })
      return z.NEVER
    }
  })
}

/** How long something is kept; may be longer than a timer can wait. */
export const retention = scalar('a duration', (value) => {
  const ms = parseRetention(value)
  if (ms === 0) throw new ScalarError('must be longer than 0')
  return ms
}).meta({ id: 'retention', description: 'A duration longer than 0, of any length: `12h`, `30d`.' })
