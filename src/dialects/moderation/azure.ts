/**
 * Azure AI Content Safety, `text:analyze`: four kinds of harm, each with a severity from 0 to 7, of which the score is the share. From 4,
 * which Azure calls medium, on it is flagged, and so is a text that one of the resource's blocklists matches.
 * https://learn.microsoft.com/en-us/azure/ai-services/content-safety/quickstart-text
 */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { anyFlagged, mappedVerdicts } from '../../kernel/codec/moderation-categories.ts'
import { openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { ModerationResult, ModerationVerdict } from '../../model/moderation.ts'
import { singleModeration } from './single.ts'

const mostSevere = 7
const medium = 4

function readResult(json: JsonObject): ModerationResult {
  const { categoriesAnalysis: analysis, blocklistsMatch: matches } = json
  if (!Array.isArray(analysis)) throw wrongType('categoriesAnalysis', 'an array of categories', analysis)
  const verdicts = analysis.map((item, index): [string, ModerationVerdict] => {
    const path = joinPath('categoriesAnalysis', index)
    const { category, severity } = isJsonObject(item) ? item : {}
    if (typeof category !== 'string' || typeof severity !== 'number')
      throw wrongType(path, 'a category with its severity', item)
    return [category, { flagged: severity >= medium, score: Math.min(1, Math.max(0, severity / mostSevere)) }]
  })
  const categories = mappedVerdicts(
    { Hate: ['hate'], SelfHarm: ['self-harm'], Sexual: ['sexual'], Violence: ['violence'] },
    verdicts,
  )
  const blocked = Array.isArray(matches) && matches.length > 0
  return { flagged: blocked || anyFlagged(categories), categories }
}

export const azureTextModeration = singleModeration({
  id: 'azure-content-safety',
  member: 'text',
  asked: { outputType: 'EightSeverityLevels' },
  readResult,
  fault: openaiFaultCodec,
})
