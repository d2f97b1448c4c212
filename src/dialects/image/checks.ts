/** What OpenAI's protocol of pictures lets its members be, whether they are JSON or the texts of a form. */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { invalidRequest } from '../../model/fault.ts'
import { dimensionsOf } from '../../model/image.ts'

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === ''

export function checkedNumber(value: unknown, key: string, least: number, most: number): number | undefined {
  if (isAbsent(value)) return undefined
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number') throw wrongType(key, 'a number', value)
  if (!Number.isInteger(number) || number < least || number > most)
    throw invalidRequest(key, `\`${key}\` must be a whole number between ${least} and ${most}, but is ${number}.`)
  return number
}

/** Like `checkedNumber`, but not of whole numbers alone. */
export function checkedAmount(value: unknown, key: string, least: number, most: number): number | undefined {
  if (isAbsent(value)) return undefined
  const number = typeof value === 'string' && /^\d{1,9}(?:\.\d{1,9})?$/.test(value) ? Number(value) : value
  if (typeof number !== 'number') throw wrongType(key, 'a number', value)
  if (!(number >= least && number <= most))
    throw invalidRequest(key, `\`${key}\` must be between ${least} and ${most}, but is ${number}.`)
  return number
}

export function checkedFlag(value: unknown, key: string): boolean | undefined {
  if (isAbsent(value)) return undefined
  if (value === true || value === 'true' || value === 'True') return true
  if (value === false || value === 'false' || value === 'False') return false
  throw wrongType(key, 'true or false', value)
}

export function checkedWord<T extends string>(value: unknown, key: string, known: readonly T[]): T | undefined {
  if (isAbsent(value)) return undefined
  const found = known.find((each) => each === value)
  if (found === undefined)
    throw invalidRequest(key, `\`${key}\` must be one of ${known.join(', ')}, but is ${shown(value)}.`)
  return found
}

/** More than any service makes, and few enough to count with. */
const longestSide = 16_384

/** `1024x1024`; some services know sizes by names as well. */
export function checkedSize(value: unknown, key: string): string | undefined {
  if (isAbsent(value)) return undefined
  if (value === 'auto' || value === '1K' || value === '2K' || value === '4K') return value
  const dimensions = typeof value === 'string' ? dimensionsOf(value) : undefined
  const sides = dimensions === undefined ? [0] : [dimensions.width, dimensions.height]
  if (typeof value !== 'string' || sides.some((side) => side < 1 || side > longestSide))
    throw invalidRequest(
      key,
      `\`${key}\` must be a width and a height, such as 1024x1024, of at most ${longestSide} each, or auto, but is ${shown(value)}.`,
    )
  return value
}

export function checkedRatio(value: unknown, key: string): string | undefined {
  if (isAbsent(value)) return undefined
  if (
    typeof value !== 'string' ||
    !/^\d{1,4}(?:\.\d{1,2})?:\d{1,4}(?:\.\d{1,2})?$/.test(value) ||
    /(?:^|:)0/.test(value)
  )
    throw invalidRequest(key, `\`${key}\` must be a shape such as 16:9, but is ${shown(value)}.`)
  return value
}

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 100)
