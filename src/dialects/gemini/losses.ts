/** Reports of what this dialect cannot say. */
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'

export function drop(lost: Loss[], path: string, reason: string): undefined {
  lost.push({ path, kind: 'dropped', reason })
  return undefined
}

export function adapt(lost: Loss[], path: string, reason: string): void {
  lost.push({ path, kind: 'adapted', reason })
}

/** What a part of another protocol has around what it says: members of its own, marks for a cache. */
export function reportAround(part: Part, path: string, lost: Loss[]): void {
  reportForeignExtra(part, dialectId, path, lost)
  if (part.cache !== undefined)
    drop(lost, joinPath(path, 'cache_control'), `${dialectId} caches prompts by itself and takes no marks`)
}

/** Sources of what was said earlier, which requests have no place for. */
export function reportCitations(part: Part, path: string, lost: Loss[]): void {
  if (part.type === 'text' && part.citations !== undefined && part.citations.length > 0)
    drop(lost, joinPath(path, 'citations'), `${dialectId} requests carry no citations`)
}
