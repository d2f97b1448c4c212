/**
 * Vectors as JSON has them: lists of numbers, or base64 of little-endian 32-bit floats (what OpenAI calls `encoding_format: base64`).
 * A float becomes the very double it is, and that double becomes the same float again.
 */
import type { JsonValue } from '../../model/json.ts'
import type { VectorValues } from '../../model/embedding.ts'
import { wrongType } from './member-reader.ts'

const bytesPerFloat = 4

/** Throws a Fault for anything that is no vector. A number of more digits than a double holds is rounded to one. */
export function readVector(value: JsonValue | undefined, path: string): VectorValues {
  if (typeof value === 'string') {
    if (!isFloats(value)) throw wrongType(path, 'numbers, or base64 of 32-bit floats', value)
    return value
  }
  if (!Array.isArray(value)) throw wrongType(path, 'an array of numbers', value)
  if (value.every((each) => typeof each === 'number')) return value
  return value.map((each, index) => {
    const number = typeof each === 'number' ? each : numberIn(each)
    if (number === undefined) throw wrongType(`${path}[${index}]`, 'a number', each)
    return number
  })
}

/** A number kept as its digits: see `parsePreciseJson`. */
function numberIn(value: JsonValue): number | undefined {
  const digits = typeof value === 'object' && value !== null ? (value as { rawJSON?: unknown }).rawJSON : undefined
  return typeof digits === 'string' ? Number(digits) : undefined
}

function isFloats(text: string): boolean {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && Buffer.byteLength(text, 'base64') % bytesPerFloat === 0
}

export function floatsOf(values: VectorValues): number[] {
  if (typeof values !== 'string') return [...values]
  const bytes = Buffer.from(values, 'base64')
  const floats: number[] = []
  for (let at = 0; at + bytesPerFloat <= bytes.length; at += bytesPerFloat) floats.push(bytes.readFloatLE(at))
  return floats
}

/** JSON has no word for what is no number: such a place is 0. */
export function jsonFloatsOf(values: VectorValues): number[] {
  const floats = floatsOf(values)
  return floats.every(Number.isFinite) ? floats : floats.map((each) => (Number.isFinite(each) ? each : 0))
}

export function base64Of(values: VectorValues): string {
  if (typeof values === 'string') return values
  const bytes = Buffer.allocUnsafe(values.length * bytesPerFloat)
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * bytesPerFloat)
  return bytes.toString('base64')
}
