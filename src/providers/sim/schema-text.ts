/** Strings for JSON Schema: the usual formats, patterns, and plain words of the right length. */
import type { Random } from '../../kernel/clock.ts'
import { drawMatching } from './pattern-text.ts'
import { drawWords } from './prose.ts'
import { drawId, drawInteger } from './seeded.ts'

const two = (value: number): string => String(value).padStart(2, '0')
const hex = (draw: Random, length: number): string =>
  Array.from({ length }, () => drawInteger(draw, 0, 15).toString(16)).join('')
const date = (draw: Random): string =>
  `20${two(drawInteger(draw, 0, 39))}-${two(drawInteger(draw, 1, 12))}-${two(drawInteger(draw, 1, 28))}`
const time = (draw: Random): string =>
  `${two(drawInteger(draw, 0, 23))}:${two(drawInteger(draw, 0, 59))}:${two(drawInteger(draw, 0, 59))}Z`
const host = (draw: Random): string => `${drawId(draw, 6).toLowerCase()}.example.com`

const formats: Readonly<Record<string, (draw: Random) => string>> = {
  'date-time': (draw) => `${date(draw)}T${time(draw)}`,
  date,
  time,
  duration: (draw) => `PT${drawInteger(draw, 1, 59)}M`,
  email: (draw) => `${drawId(draw, 6).toLowerCase()}@example.com`,
  'idn-email': (draw) => `${drawId(draw, 6).toLowerCase()}@example.com`,
  hostname: host,
  'idn-hostname': host,
  ipv4: (draw) => `192.0.2.${drawInteger(draw, 1, 254)}`,
  ipv6: (draw) => `2001:db8::${hex(draw, 4)}`,
  uuid: (draw) =>
    `${hex(draw, 8)}-${hex(draw, 4)}-4${hex(draw, 3)}-${'89ab'.charAt(drawInteger(draw, 0, 3))}${hex(draw, 3)}-${hex(draw, 12)}`,
  uri: (draw) => `https://${host(draw)}/${drawId(draw, 5)}`,
  'uri-reference': (draw) => `/${drawId(draw, 5)}`,
  iri: (draw) => `https://${host(draw)}/${drawId(draw, 5)}`,
  'json-pointer': (draw) => `/${drawId(draw, 5)}`,
  regex: () => '^[a-z]+$',
  byte: (draw) => Buffer.from(drawId(draw, 6)).toString('base64'),
}

export interface TextBounds {
  readonly minLength: number
  /** Infinity when there is none. */
  readonly maxLength: number
  readonly pattern: string | undefined
  readonly format: string | undefined
}

export function drawText(draw: Random, { minLength, maxLength, pattern, format }: TextBounds): string {
  if (pattern !== undefined) {
    const matching = drawMatching(pattern, draw, minLength, maxLength)
    if (matching !== undefined) return matching
  }
  const formatted = format !== undefined && Object.hasOwn(formats, format) ? formats[format]?.(draw) : undefined
  if (formatted !== undefined && formatted.length >= minLength && formatted.length <= maxLength) return formatted
  let text = drawWords(draw, drawInteger(draw, 1, 3))
  while (text.length < minLength) text += ` ${drawWords(draw, 4)}`
  return text.slice(0, Math.max(minLength, Math.min(maxLength, text.length, minLength + 40)))
}
