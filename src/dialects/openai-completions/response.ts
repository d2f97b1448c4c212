/** Complete answers: `text_completion` with a text for each choice. The prompt stands before it where the client asked for that. */
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { saidBy } from '../../kernel/codec/one-text/said.ts'
import { throwIfOpenaiError } from '../../kernel/codec/openai-errors.ts'
import { answerVerdicts } from '../../kernel/codec/openai-filters.ts'
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatResponse, Choice } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { dialectId, finishCodec, isOwn, usageCodec } from './dialect-id.ts'
import { decodeLogprobs, spelledLogprobs, writeLogprobs } from './logprobs.ts'
import { echoOf } from './prompt.ts'
import { reportEchoedLogprobs, reportRefusalLogprobs, tierTold } from './said.ts'

/** Throws a Fault: the provider's own error where it answered one with a status of success, else `provider_malformed`. */
export function decodeResponse(json: unknown): ChatResponse {
  try {
    return readResponse(json)
  } catch (error) {
    if (error instanceof Fault && error.code === 'invalid_request') {
      throw new Fault('provider_malformed', `The provider's answer is not a text completion: ${error.message}`, {
        cause: error,
      })
    }
    throw error
  }
}

function readResponse(json: unknown): ChatResponse {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  throwIfOpenaiError(json)
  const reader = new MemberReader(dialectId, json, '')
  const id = reader.string('id') ?? ''
  if (!reader.has('id')) reader.noteAbsent('id')
  const object = reader.take('object')
  if (object === undefined && !reader.has('object')) reader.noteAbsent('object')
  else if (object !== undefined && object !== 'text_completion') reader.note('object', object)
  const model = reader.string('model') ?? ''
  if (!reader.has('model')) reader.noteAbsent('model')
  const created = reader.number('created')
  if (created === undefined && !reader.has('created')) reader.noteAbsent('created')
  const list = reader.list('choices')
  if (list === undefined) throw wrongType('choices', 'an array', list)
  const choices = list.map(decodeChoice)
  const told = reader.peek('usage')
  const usage = isJsonObject(told) || told === null ? usageCodec.decode(reader.take('usage')) : undefined
  const serviceTier = reader.string('service_tier')
  const safety = answerVerdicts(json, dialectId)
  return {
    id,
    model,
    ...(created !== undefined && { created }),
    choices,
    ...(usage !== undefined && { usage }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(safety.length > 0 && { safety }),
    ...reader.node(),
  }
}

function decodeChoice(json: JsonValue, position: number): Choice {
  const path = joinPath('choices', position)
  if (!isJsonObject(json)) throw wrongType(path, 'an object', json)
  const reader = new MemberReader(dialectId, json, path)
  const index = reader.integer('index', 0)
  if (index === undefined && !reader.has('index')) reader.noteAbsent('index')
  const text = reader.requiredString('text')
  const word = reader.string('finish_reason')
  if (word === undefined && !reader.has('finish_reason')) reader.noteAbsent('finish_reason')
  const logprobs = readLogprobs(reader)
  return {
    index: index ?? position,
    parts: text === '' ? [] : [{ type: 'text', text }],
    ...(word !== undefined && { finish: finishCodec.decode(word) }),
    ...(logprobs !== undefined && { logprobs }),
    ...reader.node(),
  }
}

function readLogprobs(reader: MemberReader): Choice['logprobs'] {
  const spelled = reader.peek('logprobs')
  const logprobs = decodeLogprobs(spelled)
  // What is neither null nor of a known form is carried along as it is.
  if (logprobs === undefined && spelled !== null) reader.noteAbsent('logprobs')
  if (logprobs !== undefined || spelled === null) reader.take('logprobs')
  const memo = logprobs === undefined || spelled === undefined ? undefined : spelledLogprobs(logprobs, spelled)
  if (memo !== undefined) reader.note('logprobs', memo)
  return logprobs
}

export function encodeResponse(response: ChatResponse, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, dialectId, '', lost)
  const writer = new MemberWriter(dialectId, response)
  if (response.id !== '' || !(writer.wasAbsent('id') || writer.wasNull('id'))) writer.set('id', response.id)
  if (!writer.wasAbsent('object') && !writer.wasNull('object'))
    writer.set('object', writer.note('object') ?? 'text_completion')
  if (response.created !== undefined || !(writer.wasAbsent('created') || writer.wasNull('created')))
    writer.set('created', response.created ?? 0)
  if (context.model !== '' || !(writer.wasAbsent('model') || writer.wasNull('model')))
    writer.set('model', context.model)
  // A service of this protocol has repeated the prompt itself.
  const echo = isOwn(response) ? '' : echoOf(context.request)
  writer.set(
    'choices',
    response.choices.map((choice, position) => encodeChoice(choice, position, echo, lost)),
  )
  if (response.usage !== undefined) writer.set('usage', usageCodec.encode(response.usage, lost))
  writer.set('service_tier', tierTold(response.serviceTier, isOwn(response), lost))
  return { json: writer.finish(), lost }
}

function encodeChoice(choice: Choice, position: number, echo: string, lost: Loss[]): JsonObject {
  const path = joinPath('choices', position)
  reportForeignExtra(choice, dialectId, path, lost)
  const writer = new MemberWriter(dialectId, choice)
  const text = choice.parts
    .map((part, at) => saidBy(part, joinPath(joinPath(path, 'content'), at), dialectId, lost))
    .join('')
  writer.set('text', echo + text)
  if (!(writer.wasAbsent('index') || writer.wasNull('index')) || choice.index !== position)
    writer.set('index', choice.index)
  if (choice.logprobs !== undefined) {
    if (echo !== '') reportEchoedLogprobs(path, lost)
    if (choice.logprobs.refusal !== undefined) reportRefusalLogprobs(path, lost)
    writer.set('logprobs', writeLogprobs(choice.logprobs, writer.note('logprobs'), echo.length))
  } else if (!writer.wasAbsent('logprobs')) writer.set('logprobs', null)
  if (choice.finish !== undefined) writer.set('finish_reason', finishCodec.encode(choice.finish, path, lost))
  else if (!(writer.wasAbsent('finish_reason') || writer.wasNull('finish_reason'))) writer.set('finish_reason', 'stop')
  return writer.finish()
}
