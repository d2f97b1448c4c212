/**
 * What a Gemini model accepts, told from its name: how thinking is asked for changed with every generation, and Gemini 3 refuses
 * calls whose signature is missing. Sources: ai.google.dev/gemini-api/docs/thinking and /thought-signatures, and the table of levels
 * in docs.cloud.google.com/vertex-ai/generative-ai/docs/thinking; read 2026-11.
 */

export type ThinkingLevel = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH'

export type Thinking =
  /** The model does not think, or nobody knows how it would be asked to. */
  | { readonly by: 'none' }
  /** `thinkingBudget` in tokens: Gemini 2.5. Zero turns thinking off where `off` says so. */
  | { readonly by: 'budget'; readonly least: number; readonly most: number; readonly off: boolean }
  /** `thinkingLevel`, in rising order: Gemini 3 and later, which always thinks. */
  | { readonly by: 'level'; readonly levels: readonly [ThinkingLevel, ...ThinkingLevel[]] }

export interface ModelTraits {
  readonly thinking: Thinking
  /** The first call of each answer must come back with its signature. */
  readonly signedCalls: boolean
  /** Results of functions may hold images and documents. */
  readonly mediaInResults: boolean
}

/** Paths that Google puts before the name (`models/`, `publishers/google/models/`) do not matter, nor words within it (`robotics-er`). */
const name = /gemini-(?:[a-z][a-z-]*-)?(\d+)(?:\.(\d+))?/

export function traitsOf(model: string): ModelTraits {
  const lower = model.toLowerCase()
  if (!lower.includes('gemini')) return { thinking: { by: 'none' }, signedCalls: false, mediaInResults: false }
  const match = name.exec(lower)
  // A name without a version (`gemini-flash-latest`) is an alias of the newest.
  const version = match === null ? Number.POSITIVE_INFINITY : Number(match[1]) * 100 + Number(match[2] ?? 0)
  return { thinking: thinkingOf(lower, version), signedCalls: version >= 300, mediaInResults: version >= 300 }
}

function thinkingOf(model: string, version: number): Thinking {
  const lite = model.includes('lite')
  if (version >= 300) {
    // The levels that the page lists for every model of a family; `MINIMAL` is for two of them alone.
    if (model.includes('pro'))
      return { by: 'level', levels: version === 300 ? ['LOW', 'HIGH'] : ['LOW', 'MEDIUM', 'HIGH'] }
    const minimal = version === 300 || (version === 301 && lite)
    return { by: 'level', levels: minimal ? ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] : ['LOW', 'MEDIUM', 'HIGH'] }
  }
  if (version < 205 && !model.includes('robotics')) return { by: 'none' }
  if (model.includes('pro')) return { by: 'budget', least: 128, most: 32_768, off: false }
  return { by: 'budget', least: lite ? 512 : 1, most: 24_576, off: true }
}
