/** Complete answers: decoding those of any service that speaks this dialect, and encoding such as OpenAI's own SDKs expect. */
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatResponse, Choice } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { decodeAssistant, writeAssistant } from './assistant.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { throwIfOpenaiError } from '../../kernel/codec/openai-errors.ts'
import { answerVerdicts } from '../../kernel/codec/openai-filters.ts'
import { finishCodec, usageCodec } from './words.ts'
import { decodeLogprobs, spelledLogprobs, writeLogprobs } from './logprobs.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberReader, MemberWriter } from './members.ts'

/** Throws a Fault: the provider's own error where it answered one with a status of success, else `provider_malformed`. */
export function decodeResponse(json: unknown): ChatResponse {
  try {
    return readResponse(json)
  } catch (error) {
    if (error instanceof Fault && error.code === 'invalid_request') {
      throw new Fault('provider_malformed', `The provider's answer is not a chat completion: ${error.message}`, {
        cause: error,
      })
    }
    throw error
  }
}

function readResponse(json: unknown): ChatResponse {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  throwIfOpenaiError(json)
  const reader = new MemberReader(json, '')
  const id = reader.string('id') ?? ''
  if (!reader.has('id')) reader.noteAbsent('id')
  const object = reader.take('object')
  if (object !== 'chat.completion' && !reader.has('object')) reader.noteAbsent('object')
  else if (object !== 'chat.completion' && object !== undefined) reader.note('object', object)
  const model = reader.string('model') ?? ''
  const created = reader.number('created')
  if (created === undefined && !reader.has('created')) reader.noteAbsent('created')
  const list = reader.list('choices')
  if (list === undefined) throw wrongType('choices', 'an array', list)
  const choices = list.map((choice, index) => decodeChoice(choice, index, id))
  const usage =
    isJsonObject(reader.peek('usage')) || reader.peek('usage') === null
      ? usageCodec.decode(reader.take('usage'))
      : undefined
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

/** The id of a call that came without one, of the answer and so unlike any other's. */
export function madeUpCallId(responseId: string, choice: number, call: number): string {
  return `call_${responseId.replaceAll(/[^a-zA-Z0-9_-]/g, '').slice(-24)}_${choice}_${call}`
}

function decodeChoice(json: JsonValue, position: number, responseId: string): Choice {
  const path = joinPath('choices', position)
  if (!isJsonObject(json)) throw wrongType(path, 'an object', json)
  const reader = new MemberReader(json, path)
  const told = reader.integer('index', 0)
  if (told === undefined && !reader.has('index')) reader.noteAbsent('index')
  const index = told ?? position
  const message = reader.requiredNested('message')
  const role = message.take('role')
  if (role === undefined && !message.has('role')) message.noteAbsent('role')
  else if (role !== undefined && role !== 'assistant') message.note('role', role)
  const parts = decodeAssistant(message, (call) => madeUpCallId(responseId, index, call))
  if (!message.has('refusal')) message.noteAbsent('refusal')
  const word = reader.string('finish_reason')
  if (word === undefined && !reader.has('finish_reason')) reader.noteAbsent('finish_reason')
  const logprobs = decodeLogprobs(reader.peek('logprobs'))
  const spelled = reader.peek('logprobs')
  if (logprobs !== undefined || spelled === null) reader.take('logprobs')
  if (spelled === undefined) reader.noteAbsent('logprobs')
  if (logprobs !== undefined && spelled !== undefined) {
    const memo = spelledLogprobs(logprobs, spelled)
    if (memo !== undefined) reader.note('logprobs', memo)
  }
  return {
    index,
    parts,
    ...(word !== undefined && {
      finish: finishCodec.decode(
        word,
        parts.some((part) => part.type === 'tool-call'),
      ),
    }),
    ...(logprobs !== undefined && { logprobs }),
    ...reader.node(),
  }
}

export function encodeResponse(response: ChatResponse, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, dialectId, '', lost)
  const writer = new MemberWriter(response)
  if (response.id !== '' || !(writer.wasAbsent('id') || writer.wasNull('id'))) writer.set('id', response.id)
  if (!writer.wasAbsent('object')) writer.set('object', writer.note('object') ?? 'chat.completion')
  if (response.created !== undefined || !(writer.wasAbsent('created') || writer.wasNull('created')))
    writer.set('created', response.created ?? 0)
  writer.set('model', context.model)
  writer.set(
    'choices',
    response.choices.map((choice, index) => encodeChoice(choice, index, lost)),
  )
  if (response.usage !== undefined) writer.set('usage', usageCodec.encode(response.usage, lost))
  writer.set('service_tier', encodeTier(response.serviceTier, isOwn(response), lost))
  return { json: writer.finish(), lost }
}

const tiers: ReadonlySet<string> = new Set(['auto', 'default', 'flex', 'scale', 'priority', 'fast'])

/** OpenAI's word for the tier that served the answer. */
export function encodeTier(tier: string | undefined, own: boolean, lost: Loss[]): string | undefined {
  if (tier === undefined || own || tiers.has(tier)) return tier
  return tier === 'standard' ? 'default' : drop(lost, 'service_tier', `${dialectId} has no service tier ${tier}`)
}

function encodeChoice(choice: Choice, position: number, lost: Loss[]): JsonObject {
  const path = joinPath('choices', position)
  reportForeignExtra(choice, dialectId, path, lost)
  const writer = new MemberWriter(choice)
  if (!(writer.wasAbsent('index') || writer.wasNull('index')) || choice.index !== position)
    writer.set('index', choice.index)
  if (!(writer.wasAbsent('message.role') || writer.wasNull('message.role')))
    writer.set('message.role', writer.note('role') ?? 'assistant')
  writeAssistant(writer, { member: 'message', path: `${path}.message` }, choice.parts, lost)
  if (choice.logprobs !== undefined) writer.set('logprobs', writeLogprobs(choice.logprobs, writer.note('logprobs')))
  else if (!writer.wasAbsent('logprobs')) writer.set('logprobs', null)
  if (choice.finish !== undefined) writer.set('finish_reason', finishCodec.encode(choice.finish, path, lost))
  else if (!(writer.wasAbsent('finish_reason') || writer.wasNull('finish_reason'))) writer.set('finish_reason', 'stop')
  return writer.finish()
}
