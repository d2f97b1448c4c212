/** Finds circles in a directed graph, whatever their length: one shortest circle for each knot of files that reach each other. */

export function findCircles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = []
  const reported = new Set<string>()
  for (const start of edges.keys()) {
    if (reported.has(start)) continue
    const circle = shortestCircle(start, edges)
    if (circle === undefined || circle.some((node) => reported.has(node))) continue
    for (const node of circle) reported.add(node)
    circles.push(circle)
  }
  return circles
}

/** Breadth first from `start` back to itself. The start is named once, at the head. */
function shortestCircle(start: string, edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (let at = 0; at < queue.length; at += 1) {
    const node = queue[at] ?? start
    for (const next of edges.get(node) ?? []) {
      if (next === start) {
        const path = [node]
        for (let back = cameFrom.get(node); back !== undefined; back = cameFrom.get(back)) path.unshift(back)
        return path
      }
      if (!cameFrom.has(next)) {
        cameFrom.set(next, node)
        queue.push(next)
      }
    }
  }
  return undefined
}
