/** The two things that can become of what this protocol cannot say as it was said. */
import type { Loss } from '../../model/loss.ts'

export function drop(lost: Loss[], path: string, reason: string): undefined {
  lost.push({ path, kind: 'dropped', reason })
  return undefined
}

export function adapt(lost: Loss[], path: string, reason: string): void {
  lost.push({ path, kind: 'adapted', reason })
}
