/**
 * What became of a prompt and its answer at the provider's safety checks, in one line for people and programs that handle any
 * provider: `input=blocked;categories="hate"`, `output=refused`, `output=flagged;categories="violence sexual"`.
 */
import type { Finish } from './finish.ts'
import type { SafetyVerdict } from './safety.ts'

/** Levels from which on a rating is worth telling when nothing was blocked. */
const telling: ReadonlySet<string | undefined> = new Set(['medium', 'high'])

/** Undefined when there is nothing to tell. A structured field (RFC 9651), so that it can stand in a header. */
export function safetySummary(safety: readonly SafetyVerdict[], finish: Finish | undefined): string | undefined {
  // Nearly every answer.
  if (safety.length === 0 && finish?.reason !== 'refusal' && finish?.reason !== 'content-filter') return undefined
  const input = sideOf(safety.filter((verdict) => verdict.of === 'input'))
  const output = sideOf(safety.filter((verdict) => verdict.of === 'output'))
  const ended =
    finish?.reason === 'refusal'
      ? 'refused'
      : finish?.reason === 'content-filter' && input.word !== 'blocked'
        ? 'blocked'
        : undefined
  const items = [
    input.word === undefined ? undefined : `input=${input.word}${input.categories}`,
    (ended ?? output.word) === undefined ? undefined : `output=${ended ?? output.word ?? ''}${output.categories}`,
  ].filter((item) => item !== undefined)
  return items.length === 0 ? undefined : items.join(', ')
}

function sideOf(verdicts: readonly SafetyVerdict[]): { word: 'blocked' | 'flagged' | undefined; categories: string } {
  const blocked = verdicts.some((verdict) => verdict.blocked)
  const ratings = verdicts.flatMap((verdict) => verdict.ratings)
  const told = ratings.filter(({ level, blocked: why }) =>
    blocked ? why === true || telling.has(level) : telling.has(level),
  )
  const names = [
    ...new Set(
      told.map(({ category }) =>
        category
          .toLowerCase()
          .replaceAll(/[^a-z0-9_]+/g, '-')
          .replaceAll(/^-|-$/g, ''),
      ),
    ),
  ]
  const word = blocked ? 'blocked' : told.length > 0 ? 'flagged' : undefined
  return { word, categories: names.length > 0 ? `;categories="${names.join(' ')}"` : '' }
}
