/**
 * The form of an answer, both ways: `responseMimeType`, and a schema in Google's own form or as JSON Schema, which has two names.
 * https://ai.google.dev/api/generate-content#generationconfig
 */
import type { MemberReader as KernelReader } from '../../kernel/codec/member-reader.ts'
import type { OutputFormat } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { adapt } from './losses.ts'
import type { MemberReader, MemberWriter } from './members.ts'
import { stillSays, toJsonSchema } from './schema.ts'

const json = 'application/json'
const schemaMembers = ['responseJsonSchema', '_responseJsonSchema', 'responseSchema'] as const

export function decodeFormat(reader: MemberReader, generation: KernelReader): OutputFormat | undefined {
  const mime = generation.peek('responseMimeType')
  const member = schemaMembers.find((key) => isJsonObject(generation.peek(key)))
  if (mime === 'text/plain' && member === undefined) {
    generation.take('responseMimeType')
    return { type: 'text' }
  }
  // Anything else (a choice of words, of formats to come) is for Google alone, and carried along with its schema.
  if (mime !== json && (mime !== undefined || member === undefined)) return undefined
  if (mime === undefined) generation.noteAbsent('responseMimeType')
  else generation.take('responseMimeType')
  const spelled = member === undefined ? undefined : generation.take(member)
  if (member === undefined || !isJsonObject(spelled)) return { type: 'json' }
  reader.note('schemaMember', member)
  if (member !== 'responseSchema') return { type: 'json-schema', schema: spelled }
  reader.note('responseSchema', spelled)
  return { type: 'json-schema', schema: toJsonSchema(spelled) }
}

export function writeFormat(writer: MemberWriter, format: OutputFormat, own: boolean, lost: Loss[]): void {
  const set = (key: string, value: JsonValue): void => writer.set(`generationConfig.${key}`, value)
  if (format.type === 'text') {
    if (own) set('responseMimeType', 'text/plain')
    return
  }
  if (!writer.wasAbsent('generationConfig.responseMimeType')) set('responseMimeType', json)
  if (format.type === 'json') return
  const spelled = writer.note('responseSchema')
  if (stillSays(spelled, format.schema)) return set('responseSchema', spelled)
  const member = writer.note('schemaMember')
  set(member === '_responseJsonSchema' ? member : 'responseJsonSchema', described(format))
  if (!own) reportIgnored(format.schema, lost)
}

/** Other protocols describe the answer beside its schema. */
function described({ schema, description }: Extract<OutputFormat, { type: 'json-schema' }>): JsonObject {
  return description === undefined || schema['description'] !== undefined ? schema : { ...schema, description }
}

/** What Google documents that it follows, and what changes nothing. */
const followed: ReadonlySet<string> = new Set([
  '$id',
  '$defs',
  'definitions',
  '$ref',
  '$anchor',
  'type',
  'format',
  'title',
  'description',
  'enum',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'anyOf',
  'oneOf',
  'properties',
  'additionalProperties',
  'required',
  'propertyOrdering',
  '$schema',
  '$comment',
  'default',
  'example',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
])
/** Keywords whose members are named by the client, and keywords that hold one schema or several. */
const maps: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions'])
const nests: ReadonlySet<string> = new Set(['items', 'prefixItems', 'anyOf', 'oneOf', 'additionalProperties'])

function reportIgnored(schema: JsonObject, lost: Loss[]): void {
  const ignored = new Set<string>()
  collectIgnored(schema, ignored)
  if (ignored.size > 0)
    adapt(
      lost,
      'response_format.json_schema.schema',
      `Google does not hold its models to ${[...ignored].toSorted().join(', ')} in schemas of answers`,
    )
}

function collectIgnored(value: JsonValue | undefined, ignored: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectIgnored(item, ignored)
  if (!isJsonObject(value)) return
  for (const key of Object.keys(value)) {
    const inner = value[key]
    if (!followed.has(key)) ignored.add(key)
    else if (nests.has(key)) collectIgnored(inner, ignored)
    else if (maps.has(key) && isJsonObject(inner))
      for (const name of Object.keys(inner)) collectIgnored(inner[name], ignored)
  }
}
