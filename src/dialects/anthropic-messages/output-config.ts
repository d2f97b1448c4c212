/**
 * `output_config`, both ways: the effort and the schema of the answer. The schema was first called `output_format`, at the top of the
 * request, which clients still send.
 */
import type { ChatRequest, OutputFormat, ReasoningEffort } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject, unknownMembers } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath } from '../../model/loss.ts'
import type { ModelTraits } from '../../kernel/codec/claude/models.ts'
import { fitSchema } from '../../kernel/codec/claude/output-schema.ts'
import { optional, readObject } from './reading.ts'
import { effortOf } from './thinking.ts'

const formatMembers = new Set(['type', 'schema'])

export interface DecodedOutput {
  readonly effort?: ReasoningEffort
  readonly format?: OutputFormat
  /** To be carried along with the request. */
  readonly rests: Readonly<Record<string, JsonObject>>
  readonly form: JsonObject
}

export function decodeOutput(request: JsonObject): DecodedOutput {
  const config = optional(request['output_config'], 'output_config', readObject)
  const older = optional(request['output_format'], 'output_format', readObject)
  const effort = effortOf(config?.['effort'])
  const newer = optional(config?.['format'], 'output_config.format', readObject)
  const format = newer === undefined ? undefined : decodeFormat(newer, 'output_config.format')
  const olderFormat = newer === undefined && older !== undefined ? decodeFormat(older, 'output_format') : undefined
  const known = new Set([...(effort === undefined ? [] : ['effort']), ...(format === undefined ? [] : ['format'])])
  const rest = config && { ...unknownMembers(config, known), ...(format?.rest && { format: format.rest }) }
  const olderRest = older && (olderFormat === undefined ? older : olderFormat.rest)
  const decoded = format ?? olderFormat
  return {
    ...(effort !== undefined && { effort }),
    ...(decoded !== undefined && { format: decoded.format }),
    rests: {
      ...(rest !== undefined && Object.keys(rest).length > 0 && { output_config: rest }),
      ...(olderRest !== undefined && { output_format: olderRest }),
    },
    form: {
      ...(config !== undefined && Object.keys(config).length === 0 && { output_config: true }),
      ...(olderFormat !== undefined && { output_format: true }),
    },
  }
}

function decodeFormat(
  value: JsonObject,
  path: string,
): { format: OutputFormat; rest?: JsonObject | undefined } | undefined {
  if (value['type'] !== 'json_schema') return undefined
  const schema = readObject(value['schema'], joinPath(path, 'schema'))
  return { format: { type: 'json-schema', schema }, rest: unknownMembers(value, formatMembers) }
}

/** `note` is the request's own note, `rest` what was carried of `output_config`; both absent for a foreign request. */
export function encodeOwnOutput(
  request: ChatRequest,
  effort: string | undefined,
  note: JsonObject,
  rest: JsonValue | undefined,
): { output_config?: JsonValue; output_format?: JsonValue } {
  const format =
    request.format?.type === 'json-schema' ? { type: 'json_schema', schema: request.format.schema } : undefined
  const { format: formatRest, ...others } = isJsonObject(rest) ? rest : {}
  const newer = note['output_format'] === true ? undefined : format
  const merged = newer !== undefined && isJsonObject(formatRest) ? { ...newer, ...formatRest } : (newer ?? formatRest)
  const config: JsonObject = {
    ...others,
    ...(effort !== undefined && { effort }),
    ...(merged !== undefined && { format: merged }),
  }
  return {
    ...((note['output_config'] === true || Object.keys(config).length > 0) && { output_config: config }),
    ...(note['output_format'] === true && format !== undefined && { output_format: format }),
  }
}

export function encodeForeignOutput(
  request: ChatRequest,
  effort: string | undefined,
  traits: ModelTraits,
  lost: Loss[],
): { output_config?: JsonValue } {
  const format = encodeForeignFormat(request.format, traits, lost)
  if (effort === undefined && format === undefined) return {}
  return { output_config: { ...(effort !== undefined && { effort }), ...(format !== undefined && { format }) } }
}

function encodeForeignFormat(
  format: OutputFormat | undefined,
  traits: ModelTraits,
  lost: Loss[],
): JsonObject | undefined {
  if (format === undefined || format.type === 'text') return undefined
  const path = 'response_format'
  if (format.type === 'json') {
    lost.push({
      path,
      kind: 'dropped',
      reason: 'there is no JSON mode without a schema here: say in the prompt that the answer is JSON',
    })
    return undefined
  }
  if (!traits.structured) {
    lost.push({ path, kind: 'dropped', reason: 'the model does not know structured output' })
    return undefined
  }
  const { schema, changes } = fitSchema(format.schema)
  if (changes.length > 0)
    lost.push({
      path,
      kind: 'adapted',
      reason: `the schema is sent as structured output here takes it: ${changes.join(', ')}`,
    })
  const described =
    format.description === undefined || schema['description'] !== undefined
      ? schema
      : { ...schema, description: format.description }
  return { type: 'json_schema', schema: described }
}
