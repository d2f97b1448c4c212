/** Whether two samples differ by more than chance would have it, as far as canaries need to know: one-sided tests, in plain arithmetic. */

/** How likely so many failures, or more, are among the second if both fail equally often: the z test of two proportions, corrected for continuity. */
export function failsMore(failures: readonly [number, number], requests: readonly [number, number]): number {
  const [n1, n2] = requests
  if (n1 === 0 || n2 === 0) return 1
  const pooled = (failures[0] + failures[1]) / (n1 + n2)
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
  const difference = failures[1] / n2 - failures[0] / n1 - (1 / n1 + 1 / n2) / 2
  if (difference <= 0) return 1
  return spread === 0 ? 1 : upperTail(difference / spread)
}

/** How likely it is that the second is so much larger, or more, if both are drawn from the same: the test of Mann and Whitney, corrected for ties. */
export function isLarger(first: readonly number[], second: readonly number[]): number {
  const [n1, n2] = [first.length, second.length]
  if (n1 === 0 || n2 === 0) return 1
  const all = [
    ...first.map((value) => ({ value, second: false })),
    ...second.map((value) => ({ value, second: true })),
  ].sort((a, b) => a.value - b.value)
  let rankSum = 0
  let ties = 0
  for (let from = 0; from < all.length;) {
    let to = from
    while (to < all.length && all[to]?.value === all[from]?.value) to += 1
    const rank = (from + 1 + to) / 2
    for (let at = from; at < to; at += 1) if (all[at]?.second === true) rankSum += rank
    ties += (to - from) ** 3 - (to - from)
    from = to
  }
  const u = rankSum - (n2 * (n2 + 1)) / 2
  const total = n1 + n2
  const variance = ((n1 * n2) / 12) * (total + 1 - ties / (total * (total - 1)))
  return variance <= 0 ? 1 : upperTail((u - (n1 * n2) / 2 - 0.5) / Math.sqrt(variance))
}

/** Of the standard normal distribution, beyond z: near the middle by its power series, further out by its continued fraction. */
export function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z)
  const density = Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (z < middle) {
    let sum = 0
    let term = z
    for (let odd = 3; term > 1e-12; odd += 2) {
      sum += term
      term *= (z * z) / odd
    }
    return 0.5 - density * sum
  }
  let fraction = z
  for (let depth = 50; depth > 0; depth -= 1) fraction = z + depth / fraction
  return density / fraction
}

const middle = 3
