/**
 * Settings of a request: what Converse has names for, and what each maker's models take in `additionalModelRequestFields`. A field
 * there that is not what it is taken for stays as it is, since only the model can judge it.
 */
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import type { ChatRequest, OutputFormat, ReasoningEffort, ReasoningSettings } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Reader } from './members.ts'

type Settings = { -readonly [Name in keyof ChatRequest]?: ChatRequest[Name] }

const efforts: ReadonlySet<JsonValue | undefined> = new Set<ReasoningEffort>([
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
])

export function decodeSettings(reader: Reader): Settings {
  const settings: Settings = {}
  const set = <Name extends keyof Settings>(name: Name, value: Settings[Name] | undefined): void => {
    if (value !== undefined) settings[name] = value
  }
  const inference = reader.nested('inferenceConfig')
  set('maxOutputTokens', inference?.integer('maxTokens', 1))
  set('temperature', inference?.number('temperature'))
  set('topP', inference?.number('topP'))
  const stop = inference?.strings('stopSequences')
  set('stop', stop?.length === 0 ? undefined : stop)
  const fields = isJsonObject(reader.peek('additionalModelRequestFields'))
    ? reader.nested('additionalModelRequestFields')
    : undefined
  const output = reader.nested('outputConfig')
  set('topK', fields && decodeTopK(fields))
  set('format', output && decodeFormat(output))
  const reasoning = { ...(fields && decodeReasoning(fields)), ...decodeEffort(fields, output) }
  set('reasoning', Object.keys(reasoning).length === 0 ? undefined : reasoning)
  set('metadata', decodeMetadata(reader))
  set('serviceTier', reader.nested('serviceTier')?.string('type'))
  return settings
}

/** Claude's name for it, Cohere's, and Nova's within an object of its own. */
function decodeTopK(fields: Reader): number | undefined {
  for (const name of ['top_k', 'k']) {
    if (typeof fields.peek(name) === 'number') {
      fields.note('topK', `additionalModelRequestFields.${name}`)
      return fields.number(name)
    }
  }
  const inference = fields.peek('inferenceConfig')
  if (!isJsonObject(inference) || typeof inference['topK'] !== 'number') return undefined
  fields.note('topK', 'additionalModelRequestFields.inferenceConfig.topK')
  return fields.nested('inferenceConfig')?.number('topK')
}

/** `thinking` is Claude's, `reasoning_config` the older name of it here; `reasoningConfig` is Nova's. */
function decodeReasoning(fields: Reader): ReasoningSettings | undefined {
  for (const name of ['thinking', 'reasoning_config']) {
    const value = fields.peek(name)
    if (!isThinking(value)) continue
    const thinking = fields.nested(name)
    const mode = thinking?.string('type')
    const budget = mode === 'enabled' ? thinking?.number('budget_tokens') : undefined
    const display = mode === 'disabled' ? undefined : thinking?.string('display')
    fields.note('thinking', name)
    return {
      mode: mode as NonNullable<ReasoningSettings['mode']>,
      ...(budget !== undefined && { budget }),
      ...(display !== undefined && { display }),
    }
  }
  const nova = fields.peek('reasoningConfig')
  if (!isJsonObject(nova) || (nova['type'] !== 'enabled' && nova['type'] !== 'disabled')) return undefined
  fields.note('thinking', 'reasoningConfig')
  fields.nested('reasoningConfig')?.take('type')
  return { mode: nova['type'] }
}

function isThinking(value: JsonValue | undefined): value is JsonObject {
  if (!isJsonObject(value)) return false
  const { type, budget_tokens: budget, display } = value
  if (display !== undefined && typeof display !== 'string') return false
  if (type === 'enabled') return typeof budget === 'number'
  return type === 'adaptive' || type === 'disabled'
}

/** Converse's own place, then those of the makers: OpenAI's, Anthropic's, and Amazon's for Nova. */
function decodeEffort(fields: Reader | undefined, output: Reader | undefined): { effort?: ReasoningEffort } {
  const take = (reader: Reader | undefined, name: string): ReasoningEffort | undefined => {
    const value = reader?.peek(name)
    if (reader === undefined || !efforts.has(value)) return undefined
    reader.take(name)
    reader.note('effort', reader.at(name))
    return value as ReasoningEffort
  }
  const effort =
    take(output, 'effort') ??
    take(fields, 'reasoning_effort') ??
    take(isJsonObject(fields?.peek('output_config')) ? fields.nested('output_config') : undefined, 'effort') ??
    take(
      isJsonObject(fields?.peek('reasoningConfig')) ? fields.nested('reasoningConfig') : undefined,
      'maxReasoningEffort',
    )
  return effort === undefined ? {} : { effort }
}

/** The schema is JSON within a string here. */
function decodeFormat(output: Reader): OutputFormat | undefined {
  const value = output.peek('textFormat')
  const structure = isJsonObject(value) ? value['structure'] : undefined
  const definition = isJsonObject(structure) ? structure['jsonSchema'] : undefined
  if (!isJsonObject(value) || value['type'] !== 'json_schema' || !isJsonObject(definition)) return undefined
  const schema = parsedObject(definition['schema'])
  if (schema === undefined) return undefined
  const format = output.requiredNested('textFormat')
  format.take('type')
  const json = format.requiredNested('structure').requiredNested('jsonSchema')
  const text = json.requiredString('schema')
  if (text !== JSON.stringify(schema)) json.note('schema', text)
  const name = json.string('name')
  const description = json.string('description')
  return {
    type: 'json-schema',
    schema,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
  }
}

export function parsedObject(text: JsonValue | undefined): JsonObject | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const value = parsePreciseJson(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function decodeMetadata(reader: Reader): Record<string, string> | undefined {
  const value = reader.peek('requestMetadata')
  if (!isJsonObject(value) || Object.values(value).some((member) => typeof member !== 'string')) return undefined
  reader.take('requestMetadata')
  return value as Record<string, string>
}
