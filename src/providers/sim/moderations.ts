/**
 * Moderation in OpenAI's protocol: a text is flagged in the categories whose words are in it, so that clients see both outcomes. A picture
 * is judged by its URL, so that tests can choose. https://developers.openai.com/api/reference/resources/moderations
 */
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { moderationCategories } from '../../model/moderation.ts'
import type { ModerationCategory } from '../../model/moderation.ts'
import type { ChosenModel } from './models.ts'
import { badRequest } from './problem.ts'
import { hashText } from './seeded.ts'
import { splitTokens } from './tokens.ts'
import type { WireCall } from './wire.ts'

const words: Readonly<Partial<Record<ModerationCategory, RegExp>>> = {
  harassment: /\b(?:idiot|stupid)\b/i,
  hate: /\bhate\b/i,
  illicit: /\b(?:steal|drugs)\b/i,
  'illicit/violent': /\bbomb\b/i,
  'self-harm': /\bsuicide\b/i,
  sexual: /\bnude\b/i,
  violence: /\b(?:kill|attack)\b/i,
}

export interface SimModeration {
  readonly promptTokens: number
  readonly body: (call: WireCall) => string
}

export function answerModeration(json: JsonObject, asked: string, { parameters }: ChosenModel): SimModeration {
  const inputs = inputsOf(json['input'])
  const results = inputs.map(({ text, kinds }) => verdictOf(text, kinds, parameters.seed ?? 0))
  const promptTokens = inputs.reduce((sum, { text }) => sum + splitTokens(text).length, 0)
  return { promptTokens, body: ({ id }) => JSON.stringify({ id: `modr-${id}`, model: asked, results }) }
}

interface Judged {
  readonly text: string
  readonly kinds: readonly string[]
}

const problem = 'input must be a string, an array of strings, or an array of parts that are text or image_url.'

function inputsOf(input: JsonValue | undefined): Judged[] {
  if (typeof input === 'string') return [{ text: input, kinds: ['text'] }]
  if (!Array.isArray(input) || input.length === 0) throw badRequest('input', problem)
  if (input.every((item) => typeof item === 'string')) return input.map((text) => ({ text, kinds: ['text'] }))
  const parts = input.map(partOf)
  return [{ text: parts.map(({ text }) => text).join('\n'), kinds: [...new Set(parts.map(({ kind }) => kind))] }]
}

function partOf(item: JsonValue): { readonly text: string; readonly kind: string } {
  const { type, text, image_url: image } = isJsonObject(item) ? item : {}
  if (type === 'text' && typeof text === 'string') return { text, kind: 'text' }
  const url = isJsonObject(image) ? image['url'] : undefined
  if (type === 'image_url' && typeof url === 'string') return { text: url, kind: 'image' }
  throw badRequest('input', problem)
}

function verdictOf(text: string, kinds: readonly string[], seed: number): JsonObject {
  const categories: Record<string, boolean> = {}
  const scores: Record<string, number> = {}
  const types: Record<string, string[]> = {}
  for (const category of moderationCategories) {
    const flagged = words[category]?.test(text) === true
    const grain = (hashText(`${category} ${text}`, seed) % 1000) / 100_000
    categories[category] = flagged
    scores[category] = Number((flagged ? 0.98 + grain : grain).toFixed(6))
    types[category] = [...kinds]
  }
  const flagged = Object.values(categories).includes(true)
  return { flagged, categories, category_scores: scores, category_applied_input_types: types }
}
