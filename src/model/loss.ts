/** What an encoder could not say in its target dialect: told to the client and written to the record, never silently gone. */
import type { Node } from './node.ts'

export interface Loss {
  /** Where in the source it stood, in its own spelling: `logit_bias`, `messages[2].content[0].cache_control`. */
  readonly path: string
  /** `dropped`: not sent at all. `adapted`: sent in a weaker or different form. */
  readonly kind: 'dropped' | 'adapted'
  /** One sentence for a person: why, and what was done instead. */
  readonly reason: string
}

/** Joins a parent path and a member or index as people write them: `messages`, 2, `content` → `messages[2].content`. */
export function joinPath(parent: string, step: string | number): string {
  if (typeof step === 'number') return `${parent}[${step}]`
  return parent === '' ? step : `${parent}.${step}`
}

/** Reports what is not sent; its value says that nothing is written in its place. */
export function drop(lost: Loss[], path: string, reason: string): undefined {
  lost.push({ path, kind: 'dropped', reason })
  return undefined
}

/** Reports what is sent in a weaker or different form. */
export function adapt(lost: Loss[], path: string, reason: string): void {
  lost.push({ path, kind: 'adapted', reason })
}

/** Reports every unmodelled member that `node` carries from dialects other than `target`. */
export function reportForeignExtra(node: Node, target: string, path: string, lost: Loss[]): void {
  if (node.extra === undefined) return
  for (const [dialect, members] of Object.entries(node.extra)) {
    if (dialect === target) continue
    for (const key of Object.keys(members)) {
      lost.push({
        path: joinPath(path, key),
        kind: 'dropped',
        reason: `${target} has no counterpart of ${dialect}'s ${key}`,
      })
    }
  }
}
