/** The hint that comes with an unknown name. */
import { nearest } from '../model/nearest.ts'

/** `did you mean `x`?` for the nearest candidate; otherwise the candidates themselves, when they are few enough to read. */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  const all = [...new Set(candidates)].sort()
  const [best] = nearest(name, all)
  if (best !== undefined) return `did you mean \`${best}\`?`
  if (all.length === 0 || all.length > 12) return undefined
  return `known here: ${all.map((candidate) => `\`${candidate}\``).join(', ')}`
}
