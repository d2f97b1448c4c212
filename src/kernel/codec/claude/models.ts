/**
 * What a Claude model accepts, told from its name: the Messages API changed what may be sent from one generation to the next, and
 * a request translated from another protocol must not be refused for a setting that its client could not have known about.
 * Sources: Anthropic's pages on adaptive thinking, effort, mid-conversation system messages and the migration guides.
 */

export interface ModelTraits {
  readonly claude: boolean
  /**
   * `budget`: thinking is asked for with `budget_tokens` (3.7 to 4.5). `adaptive`: with `thinking.type: adaptive` and
   * `output_config.effort` (4.6 and later; from 4.7 on budgets are refused). Services that offer other models behind the Messages
   * API adopted the older form.
   */
  readonly thinking: 'none' | 'budget' | 'adaptive'
  /** Effort levels besides low, medium, high and max: 4.6 has no `xhigh`. */
  readonly xhigh: boolean
  /** What the model does when `thinking` is left out; `always`: it cannot be turned off. */
  readonly thinksByDefault: 'no' | 'yes' | 'always'
  /** Temperature, top_p and top_k are refused (4.7 and later). */
  readonly refusesSampling: boolean
  /** Either temperature or top_p, not both (4.1 and later). */
  readonly oneSampler: boolean
  /** `system` messages may stand within `messages` (4.8 and later). */
  readonly midSystem: boolean
  /** Structured output and strict tools (4.1 and later). */
  readonly structured: boolean
}

const name = /claude-(?:([a-z]+)-)?v?(\d+)(?:[-.:](\d{1,2})(?!\d))?/
const unversioned = /claude-([a-z]+)/

/** Names of other providers' spellings are understood too: `anthropic.claude-opus-4-6-v1`, `claude-sonnet-4@20250514`, `claude-3.7-sonnet`. */
export function traitsOf(model: string): ModelTraits {
  const lower = model.toLowerCase()
  if (!lower.includes('claude')) {
    return {
      claude: false,
      thinking: 'budget',
      xhigh: true,
      thinksByDefault: 'yes',
      refusesSampling: false,
      oneSampler: false,
      midSystem: false,
      structured: true,
    }
  }
  const match = name.exec(lower)
  const family = match?.[1] ?? unversioned.exec(lower)?.[1]
  // A name without a version is a preview or an alias of the newest.
  const version = match === null ? Number.POSITIVE_INFINITY : Number(match[2]) * 100 + Number(match[3] ?? 0)
  const always = family === 'fable' || family === 'mythos'
  return {
    claude: true,
    thinking: version < 307 ? 'none' : version < 406 ? 'budget' : 'adaptive',
    xhigh: version >= 407,
    thinksByDefault: always ? 'always' : version >= 500 ? 'yes' : 'no',
    refusesSampling: version >= 407,
    oneSampler: version >= 401,
    midSystem: version >= 408,
    structured: version >= 401,
  }
}
