/**
 * What Azure's content filters say beside an answer, as verdicts: `prompt_filter_results` of the answer, `content_filter_results` of a
 * choice. They are read only: the members themselves stay where they stand, among those that the protocol does not model, so
 * that clients of it get them as they came. "Content filtering annotations", learn.microsoft.com/azure/ai-services/openai/concepts/
 * content-filter-annotations; contentFilterResultBase in Azure/azure-rest-api-specs, AzureOpenAI/inference/stable/2024-10-21.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { SafetyCategory, SafetyLevel, SafetyRating, SafetyVerdict } from '../../model/safety.ts'

const categories: Readonly<Record<string, SafetyCategory>> = {
  self_harm: 'self-harm',
  protected_material_text: 'copyright',
  protected_material_code: 'copyright',
  indirect_attack: 'jailbreak',
}

const levels: Readonly<Record<string, SafetyLevel>> = {
  safe: 'negligible',
  very_low: 'negligible',
  low: 'low',
  medium: 'medium',
  high: 'high',
}

/** Of the prompt; undefined where nothing was said of it. */
export function promptVerdict(
  { prompt_filter_results: results }: JsonObject,
  origin: string,
): SafetyVerdict | undefined {
  const entries = Array.isArray(results) ? results.filter(isJsonObject) : []
  const ratings = entries.flatMap((entry) => ratingsIn(entry['content_filter_results']))
  return ratings.length === 0 ? undefined : { of: 'input', ...judged(ratings), origin }
}

/** Of one choice. */
export function choiceVerdict(choice: JsonObject, index: number, origin: string): SafetyVerdict | undefined {
  const ratings = ratingsIn(choice['content_filter_results'])
  return ratings.length === 0 ? undefined : { of: 'output', choice: index, ...judged(ratings), origin }
}

/** Of a whole answer. */
export function answerVerdicts(answer: JsonObject, origin: string): SafetyVerdict[] {
  const choices = Array.isArray(answer['choices']) ? answer['choices'] : []
  return [
    promptVerdict(answer, origin),
    ...choices.map((choice, position) => {
      if (!isJsonObject(choice)) return undefined
      const { index } = choice
      return choiceVerdict(choice, typeof index === 'number' ? index : position, origin)
    }),
  ].filter((verdict) => verdict !== undefined)
}

const judged = (ratings: readonly SafetyRating[]): Pick<SafetyVerdict, 'blocked' | 'ratings'> => ({
  blocked: ratings.some(({ blocked }) => blocked === true),
  ratings,
})

/** One for each category that was looked for; errors of the filter and what is no judgement are none. */
function ratingsIn(results: JsonValue | undefined): SafetyRating[] {
  if (!isJsonObject(results)) return []
  return Object.entries(results).flatMap(([name, result]) => {
    if (!isJsonObject(result)) return []
    const { severity, detected, filtered } = result
    const level =
      typeof severity === 'string' && Object.hasOwn(levels, severity)
        ? levels[severity]
        : typeof detected === 'boolean'
          ? detected
            ? 'high'
            : 'negligible'
          : undefined
    if (level === undefined && typeof filtered !== 'boolean') return []
    return [
      {
        category: (Object.hasOwn(categories, name) ? categories[name] : undefined) ?? name,
        ...(level !== undefined && { level }),
        ...(filtered === true && { blocked: true }),
      },
    ]
  })
}
