/** OpenAI's categories for the words that other services have: each of theirs counts for the ones that are listed with it. */
import { moderationCategories } from '../../model/moderation.ts'
import type { ModerationCategory, ModerationVerdict } from '../../model/moderation.ts'

export type CategoryMap = Readonly<Record<string, readonly ModerationCategory[]>>

type Verdicts = Partial<Record<ModerationCategory, ModerationVerdict>>

/** Of several of their words for one category the worst counts. Words that are not in the map count for nothing. */
export function mappedVerdicts(map: CategoryMap, theirs: Iterable<readonly [string, ModerationVerdict]>): Verdicts {
  const verdicts: Verdicts = {}
  for (const [word, verdict] of theirs) {
    for (const category of Object.hasOwn(map, word) ? (map[word] ?? []) : []) {
      const { flagged = false, score } = verdicts[category] ?? {}
      const worst = Math.max(score ?? 0, verdict.score ?? 0)
      const scored = score !== undefined || verdict.score !== undefined
      verdicts[category] = { flagged: flagged || verdict.flagged, ...(scored && { score: worst }) }
    }
  }
  return verdicts
}

export const anyFlagged = (verdicts: Readonly<Verdicts>): boolean =>
  moderationCategories.some((category) => verdicts[category]?.flagged === true)
