/** Patterns of model names as keys list them: `*` stands for any characters, slashes included. Each pattern is compiled once. */

const compiled = new Map<string, RegExp>()
const compiledLimit = 10_000

export function matchesAny(patterns: readonly string[], name: string): boolean {
  for (const pattern of patterns) {
    if (pattern === '*' || pattern === name) return true
    if (pattern.includes('*') && expressionOf(pattern).test(name)) return true
  }
  return false
}

function expressionOf(pattern: string): RegExp {
  let expression = compiled.get(pattern)
  if (expression === undefined) {
    if (compiled.size >= compiledLimit) compiled.clear()
    const source = pattern
      .split(/\*+/)
      .map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
      .join('[^]*?')
    expression = new RegExp(`^${source}$`)
    compiled.set(pattern, expression)
  }
  return expression
}
