/**
 * Google's ratings of prompts and candidates, both ways. A prompt that was blocked is an answer without candidates.
 * https://ai.google.dev/api/generate-content#SafetyRating
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { SafetyCategory, SafetyLevel, SafetyRating, SafetyVerdict } from '../../model/safety.ts'
import { dialectId } from './dialect-id.ts'
import { drop } from './losses.ts'
import { memberOf } from './members.ts'

const prefix = 'HARM_CATEGORY_'

const categories: Readonly<Record<string, SafetyCategory>> = {
  HARASSMENT: 'harassment',
  HATE_SPEECH: 'hate',
  SEXUALLY_EXPLICIT: 'sexual',
  SEXUAL: 'sexual',
  DANGEROUS_CONTENT: 'dangerous',
  DANGEROUS: 'dangerous',
  VIOLENCE: 'violence',
  CIVIC_INTEGRITY: 'civic-integrity',
  JAILBREAK: 'jailbreak',
}

const levels: readonly SafetyLevel[] = ['negligible', 'low', 'medium', 'high']

function decodeRatings(list: JsonValue | undefined): SafetyRating[] {
  return (Array.isArray(list) ? list : []).filter(isJsonObject).map((rating) => {
    const word = typeof rating['category'] === 'string' ? rating['category'] : ''
    const bare = word.startsWith(prefix) ? word.slice(prefix.length) : word
    const level = levelOf(rating['probability']) ?? levelOf(rating['severity'])
    const score = memberOf(rating, 'probabilityScore') ?? memberOf(rating, 'severityScore')
    return {
      category: (Object.hasOwn(categories, bare) ? categories[bare] : undefined) ?? bare.toLowerCase(),
      ...(level !== undefined && { level }),
      ...(typeof score === 'number' && { score }),
      ...(rating['blocked'] === true && { blocked: true }),
    }
  })
}

function levelOf(word: JsonValue | undefined): SafetyLevel | undefined {
  if (typeof word !== 'string') return undefined
  const bare = word.replace(/^HARM_SEVERITY_/, '').toLowerCase()
  return levels.find((level) => level === bare)
}

/** The prompt's verdict, from `promptFeedback`. */
export function decodeFeedback(feedback: JsonObject): SafetyVerdict {
  const reason = memberOf(feedback, 'blockReason')
  const blocked = typeof reason === 'string' && reason !== '' && reason !== 'BLOCK_REASON_UNSPECIFIED'
  return {
    of: 'input',
    blocked,
    ratings: decodeRatings(memberOf(feedback, 'safetyRatings')),
    ...(blocked && { reason }),
    origin: dialectId,
    raw: feedback,
  }
}

/** Words of a candidate's end that say it was withheld. */
const withheld: ReadonlySet<string> = new Set([
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MODEL_ARMOR',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
])

/** A candidate's verdict; undefined where nothing was said of it. */
export function decodeVerdict(
  list: JsonValue | undefined,
  choice: number,
  finishReason: JsonValue | undefined,
): SafetyVerdict | undefined {
  const ratings = decodeRatings(list)
  const reason = typeof finishReason === 'string' && withheld.has(finishReason) ? finishReason : undefined
  if (ratings.length === 0 && reason === undefined) return undefined
  return {
    of: 'output',
    choice,
    blocked: reason !== undefined || ratings.some(({ blocked }) => blocked === true),
    ratings,
    ...(reason !== undefined && { reason }),
    origin: dialectId,
    ...(list !== undefined && { raw: list }),
  }
}

const words: Readonly<Record<string, string>> = {
  harassment: 'HARASSMENT',
  hate: 'HATE_SPEECH',
  sexual: 'SEXUALLY_EXPLICIT',
  dangerous: 'DANGEROUS_CONTENT',
  violence: 'DANGEROUS_CONTENT',
  'self-harm': 'DANGEROUS_CONTENT',
  'civic-integrity': 'CIVIC_INTEGRITY',
  jailbreak: 'JAILBREAK',
}

function encodeRatings(verdict: SafetyVerdict, path: string, lost: Loss[]): JsonObject[] {
  return verdict.ratings.flatMap(({ category, level, score, blocked }, index) => {
    const word = Object.hasOwn(words, category) ? words[category] : undefined
    if (word === undefined) {
      drop(lost, joinPath(joinPath(path, 'ratings'), index), `${dialectId} has no category ${category} of harm`)
      return []
    }
    return [
      {
        category: `${prefix}${word}`,
        probability: (level ?? (blocked === true ? 'high' : 'negligible')).toUpperCase(),
        ...(score !== undefined && { probabilityScore: score }),
        ...(blocked === true && { blocked }),
      },
    ]
  })
}

/** `safetyRatings` of a candidate. */
export function encodeVerdict(verdict: SafetyVerdict, path: string, lost: Loss[]): JsonValue | undefined {
  if (verdict.origin === dialectId) return verdict.raw
  const ratings = encodeRatings(verdict, path, lost)
  return ratings.length === 0 ? undefined : ratings
}

const blockReasons: ReadonlySet<string> = new Set([
  'SAFETY',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'IMAGE_SAFETY',
  'MODEL_ARMOR',
  'JAILBREAK',
])

/** `promptFeedback`. */
export function encodeFeedback(verdict: SafetyVerdict, lost: Loss[]): JsonObject {
  if (verdict.origin === dialectId && isJsonObject(verdict.raw)) return verdict.raw
  const ratings = encodeRatings(verdict, 'safety', lost)
  const { blocked, reason } = verdict
  return {
    ...(blocked && { blockReason: reason !== undefined && blockReasons.has(reason) ? reason : 'SAFETY' }),
    ...(blocked && reason !== undefined && !blockReasons.has(reason) && { blockReasonMessage: reason }),
    ...(ratings.length > 0 && { safetyRatings: ratings }),
  }
}
