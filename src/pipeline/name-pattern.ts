/** Patterns of model names as keys list them: `*` stands for any characters, slashes included. Linear, whatever the pattern. */

export function matchesAny(patterns: readonly string[], name: string): boolean {
  for (const pattern of patterns) {
    if (pattern === '*' || pattern === name) return true
    if (pattern.includes('*') && matches(pattern, name)) return true
  }
  return false
}

/** The first piece stands at the beginning, the last at the end, those between wherever they come first. */
function matches(pattern: string, name: string): boolean {
  const pieces = pattern.split('*')
  const first = pieces[0] ?? ''
  const last = pieces[pieces.length - 1] ?? ''
  const end = name.length - last.length
  if (end < first.length || !name.startsWith(first) || !name.endsWith(last)) return false
  let position = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, position)
    if (found === -1 || found + piece.length > end) return false
    position = found + piece.length
  }
  return true
}
