/** Finds the name that somebody most likely meant: the nearest by edit distance, if it is near enough to be worth saying. */

/** Edits (insert, delete, replace, swap of neighbours) between two texts; stops early above `limit`. */
export function editDistance(a: string, b: string, limit = Infinity): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    let least = row
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      )
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (beforePrevious[column - 2] ?? 0) + 1)
      }
      current.push(cost)
      least = Math.min(least, cost)
    }
    if (least > limit) return limit + 1
    beforePrevious = previous
    previous = current
  }
  return previous[b.length] ?? 0
}

/** The candidates within a third of the name's length (at least 1 edit), nearest first, at most `count` of them. */
export function nearest(name: string, candidates: Iterable<string>, count = 1): string[] {
  const wanted = name.toLowerCase()
  const limit = Math.max(1, Math.floor(name.length / 3))
  const found: { candidate: string; distance: number }[] = []
  for (const candidate of new Set(candidates)) {
    const known = candidate.toLowerCase()
    const distance = editDistance(wanted, known, limit)
    // A name cut short or grown longer is what people write from memory: `claude-sonnet` for `claude-sonnet-4-5`.
    const prefix = Math.min(wanted.length, known.length) >= 3 && (known.startsWith(wanted) || wanted.startsWith(known))
    if (distance <= limit) found.push({ candidate, distance })
    else if (prefix) found.push({ candidate, distance: limit + 1 })
  }
  found.sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
  return found.slice(0, count).map((entry) => entry.candidate)
}
