/**
 * OpenAI's moderation: https://developers.openai.com/api/reference/resources/moderations/methods/create. Verdicts of other services are
 * told in its categories, all of which are there; `raw` has what the service said itself.
 */
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { openaiFaultCodec, throwIfOpenaiError } from '../../kernel/codec/openai-errors.ts'
import type { EncodeContext } from '../../kernel/dialect.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { moderationCategories } from '../../model/moderation.ts'
import type {
  ModerationCategory,
  ModerationInput,
  ModerationRequest,
  ModerationResponse,
  ModerationResult,
  ModerationVerdict,
} from '../../model/moderation.ts'
import { countListed, readListed, writeListed } from './listed-input.ts'
import { moderationDialect } from './wire.ts'

const id = 'openai-moderations'

function readRequest(json: JsonObject): ModerationRequest {
  const reader = new MemberReader(id, json, '')
  if (!reader.has('model')) reader.noteAbsent('model')
  const model = reader.string('model') ?? ''
  const inputs = readListed(reader, id)
  return { model, inputs, ...reader.node() }
}

function readResponse(json: JsonObject): ModerationResponse {
  throwIfOpenaiError(json)
  const reader = new MemberReader(id, json, '')
  const answerId = reader.string('id')
  if (!reader.has('model')) reader.noteAbsent('model')
  const model = reader.string('model') ?? ''
  const list = reader.list('results')
  if (list === undefined) throw wrongType('results', 'an array of results', list)
  const results = list.map((item, index) => readResult(item, joinPath('results', index)))
  return { ...(answerId !== undefined && { id: answerId }), model, results, ...reader.node() }
}

function readResult(item: JsonValue, path: string): ModerationResult {
  if (!isJsonObject(item)) throw wrongType(path, 'an object', item)
  const reader = new MemberReader(id, item, path)
  const flagged = reader.boolean('flagged')
  if (flagged === undefined) throw wrongType(reader.at('flagged'), 'true or false', item['flagged'])
  const told = reader.requiredNested('categories')
  const scores = reader.nested('category_scores')
  const categories: Partial<Record<ModerationCategory, ModerationVerdict>> = {}
  for (const category of moderationCategories) {
    const verdict = told.boolean(category)
    const score = scores?.number(category)
    if (verdict !== undefined || score !== undefined)
      categories[category] = { flagged: verdict ?? false, ...(score !== undefined && { score }) }
    if (verdict === undefined && score !== undefined && !told.has(category)) told.noteAbsent(category)
  }
  return { flagged, categories, ...reader.node() }
}

function writeResult(
  result: ModerationResult,
  { path, input, lost }: { readonly path: string; readonly input: ModerationInput | undefined; readonly lost: Loss[] },
): JsonObject {
  reportForeignExtra(result, id, path, lost)
  const writer = new MemberWriter(id, result)
  const own = writer.form !== undefined
  writer.set('flagged', result.flagged)
  for (const category of moderationCategories) {
    const verdict = result.categories[category]
    const member = `categories.${category}`
    if (own && verdict === undefined) continue
    if (!writer.wasNull(member) && !writer.wasAbsent(member)) writer.set(member, verdict?.flagged ?? false)
    const score = verdict?.score ?? (own ? undefined : Number(verdict?.flagged ?? false))
    writer.set(`category_scores.${category}`, score)
    // A category that the service does not know was looked for in nothing.
    if (!own) writer.set(`category_applied_input_types.${category}`, verdict === undefined ? [] : kindsOf(input))
  }
  if (!own) writer.set('raw', result.raw)
  return writer.finish()
}

function kindsOf(input: ModerationInput | undefined): string[] {
  const kinds = new Set((input?.parts ?? []).map(({ type }) => type))
  return (['text', 'image'] as const).filter((kind) => kinds.has(kind))
}

export const openaiModerations = moderationDialect({
  id,
  member: 'input',
  countInputs: countListed,
  readRequest,
  writeRequest(request, context) {
    const lost: Loss[] = []
    reportForeignExtra(request, id, '', lost)
    const writer = new MemberWriter(id, request)
    if (context.model !== '') writer.set('model', context.model)
    writer.set('input', writeListed(writer, request.inputs, id))
    return { json: writer.finish(), lost }
  },
  readResponse,
  writeResponse(response, { model, request, answerId }: EncodeContext<ModerationRequest>) {
    const lost: Loss[] = []
    reportForeignExtra(response, id, '', lost)
    const writer = new MemberWriter(id, response)
    writer.set('id', response.id ?? (writer.form === undefined ? answerId : undefined))
    if (model !== '' && !writer.wasAbsent('model') && !writer.wasNull('model')) writer.set('model', model)
    const results = response.results.map((result, index) =>
      writeResult(result, { path: joinPath('results', index), input: request?.inputs[index], lost }),
    )
    writer.set('results', results)
    return { json: writer.finish(), lost }
  },
  fault: openaiFaultCodec,
})
