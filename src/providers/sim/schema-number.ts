/** Numbers within the bounds of a JSON Schema, as round as those allow. */
import type { Random } from '../../kernel/clock.ts'
import type { JsonObject } from '../../model/json.ts'
import { drawInteger } from './seeded.ts'

/** How many values near each other are tried where bounds and `multipleOf` leave few. */
const tries = 1000

interface Bounds {
  readonly low: number
  readonly high: number
  readonly fits: (value: number) => boolean
}

function boundsOf(schema: JsonObject, whole: boolean): Bounds {
  const bound = (key: string, absent: number): number => (typeof schema[key] === 'number' ? schema[key] : absent)
  const [least, above] = [bound('minimum', -Infinity), bound('exclusiveMinimum', -Infinity)]
  const [most, below] = [bound('maximum', Infinity), bound('exclusiveMaximum', Infinity)]
  const step = bound('multipleOf', whole ? 1 : 0)
  return {
    low: Math.max(least, above),
    high: Math.min(most, below),
    fits: (value) =>
      value >= least &&
      value <= most &&
      value > above &&
      value < below &&
      (step === 0 || Number.isInteger(value / step)) &&
      (!whole || Number.isInteger(value)),
  }
}

/** A number that the schema accepts; where nothing does, the nearest there is. */
export function drawNumber(schema: JsonObject, draw: Random, whole: boolean): number {
  const { low, high, fits } = boundsOf(schema, whole)
  const multiple = schema['multipleOf']
  const step = typeof multiple === 'number' && multiple > 0 ? multiple : whole ? 1 : 0.01
  const unit = whole && !Number.isInteger(step) ? 1 : step
  const from = Number.isFinite(low) ? low : Number.isFinite(high) ? Math.min(high - unit * 100, 0) : unit
  const to = Number.isFinite(high) ? high : from + unit * 100
  const first = Math.ceil(from / unit)
  const last = Math.floor(to / unit)
  // Multiples of 0.1 as people write them, not as doubles add them up.
  const value = (count: number): number => Number((count * unit).toPrecision(12))
  if (first <= last) {
    const drawn = value(drawInteger(draw, first, last))
    if (fits(drawn)) return drawn
    for (let count = first; count <= last && count < first + tries; count++) if (fits(value(count))) return value(count)
  }
  const middle = (from + to) / 2
  return fits(middle) ? middle : from
}
