/**
 * What guardrails said, in `trace.guardrail`, as canonical verdicts and back: one of the prompt, one of the answer. Words that a
 * guardrail matched stay in the raw trace alone.
 */
import type { ChatResponse } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { SafetyLevel, SafetyRating, SafetyVerdict } from '../../model/safety.ts'
import { dialectId } from './dialect-id.ts'

/** GuardrailContentFilterType of the API reference, in the words that providers have in common. */
const categories: Readonly<Record<string, string>> = {
  HATE: 'hate',
  INSULTS: 'harassment',
  SEXUAL: 'sexual',
  VIOLENCE: 'violence',
  MISCONDUCT: 'dangerous',
  PROMPT_ATTACK: 'jailbreak',
}
const filterTypes = new Map(Object.entries(categories).map(([type, category]) => [category, type]))

const levels: Readonly<Record<string, SafetyLevel>> = {
  NONE: 'negligible',
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
}
const confidences: Readonly<Record<SafetyLevel, string>> = {
  negligible: 'NONE',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
}

/** Undefined where the trace has no assessment: it is then carried along as it is. */
export function decodeGuardrail(guardrail: JsonValue | undefined): SafetyVerdict[] | undefined {
  if (!isJsonObject(guardrail)) return undefined
  const { inputAssessment, outputAssessments, ...others } = guardrail
  const input = assessments(inputAssessment)
  const output = assessments(outputAssessments)
  if (input === undefined && output === undefined) return undefined
  // An assessment that cannot be read stays beside the other.
  const rest: JsonObject = {
    ...others,
    ...(input === undefined && inputAssessment !== undefined && { inputAssessment }),
    ...(output === undefined && outputAssessments !== undefined && { outputAssessments }),
  }
  const { actionReason } = guardrail
  const reason = typeof actionReason === 'string' ? { reason: actionReason } : {}
  const verdict = (of: 'input' | 'output', found: readonly JsonObject[], raw: JsonObject): SafetyVerdict => {
    const ratings = found.flatMap(ratingsOf)
    const choice = of === 'output' ? { choice: 0 } : {}
    return { of, ...choice, blocked: ratings.some(isBlocked), ratings, ...reason, origin: dialectId, raw }
  }
  const told = input !== undefined && inputAssessment !== undefined ? { inputAssessment } : {}
  return [
    // What belongs to neither goes with the first.
    ...(input === undefined ? [] : [verdict('input', input, { ...told, ...rest })]),
    ...(output === undefined || outputAssessments === undefined
      ? []
      : [verdict('output', output, { outputAssessments, ...(input === undefined && rest) })]),
  ]
}

const isBlocked = (rating: SafetyRating): boolean => rating.blocked === true

/** Of every guardrail, by its id: one assessment, or a list of them. */
function assessments(value: JsonValue | undefined): JsonObject[] | undefined {
  if (!isJsonObject(value)) return undefined
  return Object.values(value)
    .flatMap((one) => (Array.isArray(one) ? one : [one]))
    .filter(isJsonObject)
}

/** Policy → its lists of findings, and the member that names what was found. */
const policies: readonly (readonly [policy: string, list: string, name: string, fallback: string])[] = [
  ['topicPolicy', 'topics', 'name', 'topic'],
  ['contentPolicy', 'filters', 'type', 'content'],
  ['wordPolicy', 'customWords', '', 'word'],
  ['wordPolicy', 'managedWordLists', 'type', 'word'],
  ['sensitiveInformationPolicy', 'piiEntities', 'type', 'personal-information'],
  ['sensitiveInformationPolicy', 'regexes', 'name', 'regex'],
  ['contextualGroundingPolicy', 'filters', 'type', 'grounding'],
]

function ratingsOf(assessment: JsonObject): SafetyRating[] {
  return policies.flatMap(([policy, list, name, fallback]) => {
    const findings = isJsonObject(assessment[policy]) ? assessment[policy][list] : undefined
    return (Array.isArray(findings) ? findings : []).filter(isJsonObject).map((finding): SafetyRating => {
      const word = finding[name]
      const { confidence, score, action } = finding
      const level = typeof confidence === 'string' && Object.hasOwn(levels, confidence) ? levels[confidence] : undefined
      return {
        category: typeof word === 'string' ? categoryOf(word) : fallback,
        ...(level !== undefined && { level }),
        ...(typeof score === 'number' && { score }),
        ...(action === 'BLOCKED' && { blocked: true }),
      }
    })
  })
}

function categoryOf(word: string): string {
  return (Object.hasOwn(categories, word) ? categories[word] : undefined) ?? word.toLowerCase()
}

/** The guardrail's trace for these verdicts; undefined for none. Another provider's becomes an assessment under its name. */
export function encodeGuardrail(safety: ChatResponse['safety']): JsonObject | undefined {
  if (safety === undefined || safety.length === 0) return undefined
  const guardrail: JsonObject = {}
  const input: JsonObject = {}
  const output: JsonObject = {}
  for (const verdict of safety) {
    if (verdict.origin === dialectId) {
      if (isJsonObject(verdict.raw)) Object.assign(guardrail, verdict.raw)
    } else if (verdict.of === 'input') input[verdict.origin] = assessmentOf(verdict)
    else output[verdict.origin] = [...listed(output[verdict.origin]), assessmentOf(verdict)]
    if (verdict.origin !== dialectId && verdict.reason !== undefined) guardrail['actionReason'] = verdict.reason
  }
  return {
    ...guardrail,
    ...(Object.keys(input).length > 0 && { inputAssessment: input }),
    ...(Object.keys(output).length > 0 && { outputAssessments: output }),
  }
}

const listed = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : [])

function assessmentOf({ ratings }: SafetyVerdict): JsonObject {
  const filters: JsonObject[] = []
  const topics: JsonObject[] = []
  for (const { category, level, blocked } of ratings) {
    const action = blocked === true ? 'BLOCKED' : 'NONE'
    const type = filterTypes.get(category)
    if (type === undefined) topics.push({ name: category, type: 'DENY', action })
    else filters.push({ type, confidence: confidences[level ?? (blocked === true ? 'high' : 'negligible')], action })
  }
  return {
    ...(filters.length > 0 && { contentPolicy: { filters } }),
    ...(topics.length > 0 && { topicPolicy: { topics } }),
  }
}
