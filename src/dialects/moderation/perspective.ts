/**
 * Perspective, `comments:analyze`: how likely readers are to find a text toxic, in several ways. Flagged is what reaches 0.7.
 * https://developers.perspectiveapi.com/s/about-the-api-methods; the attributes as favstats/peRspective lists them
 */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { googleFaultCodec } from '../../kernel/codec/google-errors.ts'
import { anyFlagged, mappedVerdicts } from '../../kernel/codec/moderation-categories.ts'
import type { CategoryMap } from '../../kernel/codec/moderation-categories.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { ModerationResult, ModerationVerdict } from '../../model/moderation.ts'
import { singleModeration } from './single.ts'

const threshold = 0.7

const attributes: CategoryMap = {
  TOXICITY: ['harassment'],
  SEVERE_TOXICITY: ['harassment'],
  INSULT: ['harassment'],
  IDENTITY_ATTACK: ['hate'],
  THREAT: ['harassment/threatening', 'violence'],
}

const scoreIn = (attribute: JsonValue | undefined): number | undefined => {
  const summary = isJsonObject(attribute) ? attribute['summaryScore'] : undefined
  const value = isJsonObject(summary) ? summary['value'] : undefined
  return typeof value === 'number' ? value : undefined
}

function readResult({ attributeScores: scores }: JsonObject): ModerationResult {
  if (!isJsonObject(scores)) throw wrongType('attributeScores', 'an object with scores', scores)
  const verdicts = Object.keys(scores).flatMap((name): [string, ModerationVerdict][] => {
    const score = scoreIn(scores[name])
    return score === undefined ? [] : [[name, { flagged: score >= threshold, score }]]
  })
  const categories = mappedVerdicts(attributes, verdicts)
  return { flagged: anyFlagged(categories), categories }
}

export const perspectiveModeration = singleModeration({
  id: 'perspective',
  within: 'comment',
  member: 'text',
  asked: {
    requestedAttributes: Object.fromEntries(Object.keys(attributes).map((name) => [name, {}])),
    // Nothing is kept of what is asked.
    doNotStore: true,
  },
  readResult,
  fault: googleFaultCodec,
})
