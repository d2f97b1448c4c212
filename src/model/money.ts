/**
 * Money is integer nano-USD (a billionth of a dollar) in a JavaScript number: exact up to nine million dollars, and every
 * operation here refuses to leave that range. Prices are integer nano-USD per million units.
 */

/** A safe integer of nano-USD. */
export type NanoUsd = number

export const nanoPerUsd = 1_000_000_000

/** Reads a decimal amount of dollars ("0.0375", 12, "1e-7") exactly; throws a RangeError for anything finer than a nano-USD. */
export function parseUsd(amount: string | number): NanoUsd {
  const match = /^\s*(-?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?\s*$/i.exec(String(amount))
  if (match === null || (match[2] === '' && (match[3] ?? '') === ''))
    throw new RangeError(`not an amount of dollars: ${amount}`)
  const digits = `${match[2]}${match[3] ?? ''}`
  const exponent = 9 - (match[3]?.length ?? 0) + Number(match[4] ?? 0)
  if (Math.abs(exponent) > 40 || digits.length > 60) throw new RangeError(`not an amount of dollars: ${amount}`)
  let nano = BigInt(digits)
  if (exponent >= 0) nano *= 10n ** BigInt(exponent)
  else {
    const divisor = 10n ** BigInt(-exponent)
    if (nano % divisor !== 0n) throw new RangeError(`${amount} dollars is finer than a billionth of a dollar`)
    nano /= divisor
  }
  return checkNano(Number(match[1] === '-' ? -nano : nano))
}

/** Decimal dollars without trailing zeros: 37500 → "0.0000375". */
export function formatUsd(nano: NanoUsd | bigint): string {
  if (typeof nano === 'number' && nano >= 0) return formatDigits(String(nano), '')
  const value = BigInt(nano)
  const sign = value < 0n ? '-' : ''
  return formatDigits((value < 0n ? -value : value).toString(), sign)
}

function formatDigits(nano: string, sign: string): string {
  const digits = nano.padStart(10, '0')
  const point = digits.length - 9
  let end = digits.length
  while (end > point && digits[end - 1] === '0') end -= 1
  return `${sign}${digits.slice(0, point)}${end === point ? '' : `.${digits.slice(point, end)}`}`
}

export function checkNano(nano: number): NanoUsd {
  if (!Number.isSafeInteger(nano)) throw new RangeError(`amount of money out of range: ${nano} nano-USD`)
  return nano
}
