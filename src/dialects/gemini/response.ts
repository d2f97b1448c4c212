/** A complete answer, both ways. A prompt that was blocked is answered without candidates: one choice that says nothing. */
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatResponse, Choice } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { SafetyVerdict } from '../../model/safety.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { decodeCandidate, encodeCandidate } from './candidates.ts'
import { dialectId } from './dialect-id.ts'
import { decodeGoogleFault, googleErrorIn } from '../../kernel/codec/google-errors.ts'
import { MemberReader, MemberWriter, memberOf } from './members.ts'
import { decodeFeedback, encodeFeedback } from './safety.ts'
import { tierIn, withTier } from './service-tier.ts'
import { decodeUsage, encodeUsage } from './usage.ts'

/** Members by one of which an answer is known for one. */
const telling: readonly string[] = ['candidates', 'promptFeedback', 'usageMetadata', 'modelVersion', 'responseId']

export function malformed(what: string, cause?: unknown): Fault {
  return new Fault('provider_malformed', `The provider's answer is not of the Gemini API: ${what}`, { cause })
}

/** Runs a decoder of something that a provider sent: what is wrong with it is the provider's fault, not the client's. */
export function asProviders<T>(decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof Fault && error.side === 'client') throw malformed(error.message, error)
    throw error
  }
}

export function checkAnswer(json: unknown): JsonObject {
  const error = googleErrorIn(json)
  if (error !== undefined) throw decodeGoogleFault(undefined, error)
  if (!isJsonObject(json) || telling.every((key) => memberOf(json, key) === undefined))
    throw malformed('it has no `candidates`.')
  return json
}

export function decodeResponse(json: unknown): ChatResponse {
  return asProviders(() => readResponse(checkAnswer(json)))
}

function readResponse(json: JsonObject): ChatResponse {
  const reader = new MemberReader(json, '')
  const id = reader.string('responseId')
  if (id === undefined && !reader.has('responseId')) reader.noteAbsent('responseId')
  const model = reader.string('modelVersion')
  if (model === undefined && !reader.has('modelVersion')) reader.noteAbsent('modelVersion')
  const time = reader.peek('createTime')
  const created = typeof time === 'string' ? secondsOf(time) : undefined
  if (created !== undefined) reader.note('createTime', reader.string('createTime') ?? null)
  const feedback = decodeFeedbackMember(reader)
  const list = reader.list('candidates') ?? []
  const candidates = list.map((each, position) => decodeCandidate(each, position, id ?? ''))
  const safety = [
    ...(feedback === undefined ? [] : [feedback]),
    ...candidates.flatMap(({ verdict }) => (verdict === undefined ? [] : [verdict])),
  ]
  const usage = decodeUsage(reader.peek('usageMetadata'))
  const serviceTier = tierIn(reader.peek('usageMetadata'))
  if (usage !== undefined) reader.take('usageMetadata')
  return {
    id: id ?? '',
    model: model ?? '',
    ...(created !== undefined && { created }),
    choices: list.length > 0 ? candidates.map(({ choice }) => choice) : [silentChoice(feedback)],
    ...(usage !== undefined && { usage }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(safety.length > 0 && { safety }),
    ...reader.node(),
  }
}

function decodeFeedbackMember(reader: MemberReader): SafetyVerdict | undefined {
  const feedback = reader.take('promptFeedback')
  if (feedback !== undefined && !isJsonObject(feedback))
    throw wrongType(reader.at('promptFeedback'), 'an object', feedback)
  return feedback === undefined ? undefined : decodeFeedback(feedback)
}

export function secondsOf(time: string): number | undefined {
  const milliseconds = Date.parse(time)
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000)
}

/** What an answer without candidates amounts to. */
function silentChoice(feedback: SafetyVerdict | undefined): Choice {
  return { index: 0, parts: [], finish: silentFinish(feedback), form: { [dialectId]: { silent: true } } }
}

export function silentFinish(feedback: SafetyVerdict | undefined): Finish {
  if (feedback?.blocked !== true) return { reason: 'other' }
  return {
    reason: 'content-filter',
    ...(feedback.reason !== undefined && { raw: feedback.reason, origin: dialectId }),
  }
}

/** A choice of which nothing is to be told but that the prompt was blocked. */
export function isSilent(
  parts: readonly unknown[],
  finish: Finish | undefined,
  input: SafetyVerdict | undefined,
): boolean {
  return parts.length === 0 && finish?.reason === 'content-filter' && input?.blocked === true
}

export function encodeResponse(response: ChatResponse, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, dialectId, '', lost)
  const writer = new MemberWriter(response)
  const verdicts = response.safety ?? []
  const input = verdicts.find(({ of }) => of === 'input')
  const candidates = response.choices
    .filter((choice) => choice.form?.[dialectId]?.['silent'] !== true && !isSilent(choice.parts, choice.finish, input))
    .map((choice, position) => {
      const verdict = verdicts.find((one) => one.of === 'output' && (one.choice ?? 0) === choice.index)
      return encodeCandidate(choice, position, verdict, lost)
    })
  if (candidates.length > 0) writer.set('candidates', candidates)
  if (input !== undefined) writer.set('promptFeedback', encodeFeedback(input, lost))
  if (response.usage !== undefined)
    writer.set('usageMetadata', withTier(encodeUsage(response.usage, lost), response.serviceTier, lost))
  if (!untold(writer, 'modelVersion')) writer.set('modelVersion', context.model)
  const time = writer.note('createTime')
  if (typeof time === 'string' && secondsOf(time) === response.created) writer.set('createTime', time)
  if (!untold(writer, 'responseId')) writer.set('responseId', response.id)
  return { json: writer.finish(), lost }
}

function untold(writer: MemberWriter, key: string): boolean {
  return writer.wasAbsent(key) || writer.wasNull(key)
}
