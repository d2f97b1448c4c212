// Parses JSON without losing digits: ids and amounts beyond what a double holds leave JSON.stringify as they came.
import { hasHazardousKey, parseJson } from './parse-json.ts'

/**
 * What TypeScript's library does not declare yet: the reviver's third argument, and values that JSON.stringify writes as
 * they stand. https://tc39.es/proposal-json-parse-with-source/
 */
interface JsonWithSource {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
  rawJSON(text: string): object
}
const json = JSON as unknown as JsonWithSource

// Up to 15 digits always survive, so a number that does not has a run of 16 (one a point, perhaps), or an exponent of
// three digits. Strings may have such runs too: these three only decide whether a closer look is worth its time. The
// first comes to nothing soonest, spelled like this: V8 then skips ahead by eight characters, which it does not for {8}.
const EIGHT_DIGITS = /\d\d\d\d\d\d\d\d/
const LONG_RUN = /\d[\d.]{14}\d/
const LARGE_EXPONENT = /\d[eE][+-]?\d{3}/
/** The same, whole, and where a number can begin: at the start, after a bracket, a colon, a comma or white space. */
const CANDIDATE = /(?:^|[[:,\s])(-?(?:\d[\d.]{14,}\d(?:[eE][+-]?\d+)?|\d[\d.]*[eE][+-]?\d{3,}))/g

/**
 * Like JSON.parse, but a number that a double cannot hold (a large integer, more digits than fit, an exponent out of
 * range) becomes the object that `JSON.rawJSON` makes of its text, so that JSON.stringify writes the same digits again;
 * `JSON.isRawJSON` tells such an object. Only the value is kept, not the spelling: `1.0` may become `1`.
 *
 * @throws SyntaxError as JSON.parse does; RangeError if the text has such a number and is nested thousands of levels deep
 */
export function parsePreciseJson(text: string): unknown {
  const suspicious = (EIGHT_DIGITS.test(text) && LONG_RUN.test(text)) || LARGE_EXPONENT.test(text)
  if (!suspicious || hasHazardousKey(text) || !hasLossyNumber(text)) return parseJson(text)
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && isLossy(source) ? json.rawJSON(source) : value,
  )
}

function hasLossyNumber(text: string): boolean {
  for (const [, candidate] of text.matchAll(CANDIDATE)) {
    if (candidate !== undefined && isLossy(candidate)) return true
  }
  return false
}

/** Whether a number's text and what JSON.stringify makes of its value are different numbers. */
function isLossy(source: string): boolean {
  const value = Number(source)
  if (!Number.isFinite(value)) return true
  const text = String(value)
  return text !== source && normalForm(text) !== normalForm(source)
}

/** Significant digits and exponent of a number's text, without its sign: equal for equal magnitudes. */
function normalForm(number: string): string {
  const [mantissa = '', power = '0'] = number.toLowerCase().split('e')
  const point = mantissa.indexOf('.')
  const decimals = point === -1 ? 0 : mantissa.length - point - 1
  const digits = mantissa.replace('-', '').replace('.', '')
  // By hand, since /0+$/ takes quadratic time on digits that are mostly zeros.
  let start = 0
  while (digits[start] === '0') start++
  let end = digits.length
  while (end > start && digits[end - 1] === '0') end--
  return start === end ? '0' : `${digits.slice(start, end)}e${Number(power) - decimals + (digits.length - end)}`
}
