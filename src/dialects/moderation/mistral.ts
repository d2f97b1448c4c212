/**
 * Mistral's moderation: https://docs.mistral.ai/api/endpoint/classifiers, and the package @mistralai/mistralai 2.7.0
 * (ClassificationRequest, ModerationObject, the thresholds of both models). It says nothing of an answer as a whole: flagged is what is flagged in a category that
 * OpenAI has too, for a question of law or money harms nobody.
 */
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { anyFlagged, mappedVerdicts } from '../../kernel/codec/moderation-categories.ts'
import type { CategoryMap } from '../../kernel/codec/moderation-categories.ts'
import { openaiFaultCodec, throwIfOpenaiError } from '../../kernel/codec/openai-errors.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { ModerationResult, ModerationVerdict } from '../../model/moderation.ts'
import { textOf } from './inputs.ts'
import { countListed, readListed } from './listed-input.ts'
import { moderationDialect } from './wire.ts'

const id = 'mistral-moderations'

/** Of both generations of its models. Health, money, law, privacy and jailbreaks are none of OpenAI's. */
const categories: CategoryMap = {
  sexual: ['sexual'],
  hate_and_discrimination: ['hate'],
  violence_and_threats: ['violence'],
  dangerous_and_criminal_content: ['illicit'],
  dangerous: ['illicit'],
  criminal: ['illicit'],
  selfharm: ['self-harm'],
}

function readResult(item: JsonValue, path: string): ModerationResult {
  if (!isJsonObject(item)) throw wrongType(path, 'an object', item)
  const { categories: told, category_scores: scores } = item
  if (!isJsonObject(told)) throw wrongType(joinPath(path, 'categories'), 'an object', told)
  const verdicts = Object.keys(told).map((word): [string, ModerationVerdict] => {
    const score = isJsonObject(scores) ? scores[word] : undefined
    return [word, { flagged: told[word] === true, ...(typeof score === 'number' && { score }) }]
  })
  const mapped = mappedVerdicts(categories, verdicts)
  return { flagged: anyFlagged(mapped), categories: mapped, raw: item }
}

export const mistralModerations = moderationDialect({
  id,
  member: 'input',
  countInputs: countListed,
  readRequest(json) {
    const reader = new MemberReader(id, json, '')
    const model = reader.requiredString('model')
    return { model, inputs: readListed(reader, id), ...reader.node() }
  },
  writeRequest(request, { model }) {
    const lost: Loss[] = []
    reportForeignExtra(request, id, '', lost)
    const writer = new MemberWriter(id, request)
    writer.set('model', model)
    const texts = request.inputs.map((input, index) => textOf(input, index, id))
    const [only] = texts
    writer.set('input', writer.note('single') === true && texts.length === 1 && only !== undefined ? only : texts)
    return { json: writer.finish(), lost }
  },
  readResponse(json) {
    throwIfOpenaiError(json)
    const reader = new MemberReader(id, json, '')
    const answerId = reader.string('id')
    const model = reader.string('model') ?? ''
    if (!reader.has('model')) reader.noteAbsent('model')
    const list = reader.list('results')
    if (list === undefined) throw wrongType('results', 'an array of results', list)
    const results = list.map((item, index) => readResult(item, joinPath('results', index)))
    return { ...(answerId !== undefined && { id: answerId }), model, results, ...reader.node() }
  },
  writeResponse(response, { model }) {
    const lost: Loss[] = []
    reportForeignExtra(response, id, '', lost)
    const writer = new MemberWriter(id, response)
    writer.set('id', response.id)
    if (model !== '' && !writer.wasAbsent('model')) writer.set('model', model)
    writer.set(
      'results',
      response.results.map(({ raw }): JsonObject => raw ?? { categories: {}, category_scores: {} }),
    )
    return { json: writer.finish(), lost }
  },
  fault: openaiFaultCodec,
})
