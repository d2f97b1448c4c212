/** Amounts of dollars as exact decimal text, moved from one unit to another by their decimal point and never by arithmetic. */

/** Nothing finer than a nano-USD is counted; what sources write beyond that is the noise of binary fractions. */
const finest = 9

/**
 * The amount times 10 to the power of `shift`, without trailing zeros, rounded half up to a billionth. Undefined for what is no price
 * or none above zero: that is how sources write that they do not know one.
 */
export function usdText(amount: unknown, shift = 0): string | undefined {
  if (typeof amount !== 'number' || !Number.isFinite(amount) || amount <= 0) return undefined
  const [, whole = '', fraction = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(amount)) ?? []
  const point = Number(exponent) + shift + finest - fraction.length
  const digits = BigInt(`${whole}${fraction}`)
  const nano =
    point >= 0 ? digits * 10n ** BigInt(point) : (digits + 5n * 10n ** BigInt(-point - 1)) / 10n ** BigInt(-point)
  if (nano === 0n) return undefined
  const text = String(nano).padStart(finest + 1, '0')
  const decimals = text.slice(-finest).replace(/0+$/, '')
  return `${text.slice(0, -finest)}${decimals === '' ? '' : `.${decimals}`}`
}
