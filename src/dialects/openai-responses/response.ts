/** Complete answers: decoding those of any service that speaks this dialect, and encoding such as OpenAI's own SDKs expect. */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatResponse, Choice, TokenLogprob } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { encodeAnswer } from './answer-encode.ts'
import { dialectId, isOwn, ownForm } from './dialect-id.ts'
import { decodeFault } from './faults.ts'
import { decodeFinish, encodeFinish, saysStatus } from './finish.ts'
import { itemIds } from './ids.ts'
import { decodeLogprobs } from './logprobs.ts'
import { drop } from './losses.ts'
import { decodeItem } from './output-items.ts'
import { readFrame, responseIds, writeFrame, writeStatus, writeUsage } from './response-frame.ts'
import { encodeTier } from './settings-encode.ts'
import { decodeUsage } from './usage.ts'

/** Throws a Fault: the provider's own error where the response failed, else `provider_malformed`. */
export function decodeResponse(json: unknown): ChatResponse {
  try {
    return readResponse(json)
  } catch (error) {
    if (error instanceof Fault && error.code === 'invalid_request') {
      throw new Fault('provider_malformed', `The provider's answer is not a response: ${error.message}`, {
        cause: error,
      })
    }
    throw error
  }
}

function readResponse(json: unknown): ChatResponse {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  throwIfFailed((key) => json[key])
  const { frame, reader } = readFrame(json)
  const output = reader.list('output')
  if (output === undefined) throw wrongType('output', 'an array of items', output)
  const parts = output.flatMap((item, index) => decodeItem(item, joinPath('output', index), index))
  const status = reader.take('status')
  const details = reader.take('incomplete_details')
  const finish = decodeFinish(status, details, parts.some(isCall))
  if (!saysStatus(finish, status, details)) {
    if (status !== undefined) reader.note('status', status)
    if (details !== undefined) reader.note('incomplete_details', details)
  }
  const usage =
    isJsonObject(reader.peek('usage')) || reader.peek('usage') === null
      ? decodeUsage(reader.take('usage'), json['tool_usage'])
      : undefined
  const logprobs = parts.flatMap((part) => decodeLogprobs(ownForm(part)?.['logprobs']))
  const choice: Choice = {
    index: 0,
    parts,
    ...(finish !== undefined && { finish }),
    ...(logprobs.length > 0 && { logprobs: { content: logprobs } }),
  }
  return { ...frame, choices: [choice], ...(usage !== undefined && { usage }), ...reader.node() }
}

export function isCall(part: Part): boolean {
  return part.type === 'tool-call'
}

/** A response may fail with a status of success, and some services answer any error with one. */
export function throwIfFailed(member: (key: string) => unknown): void {
  const error = member('error')
  const failed = member('status') === 'failed'
  if (failed) throw decodeFault(undefined, { error: isJsonObject(error) ? error : null })
  const told = error !== undefined && error !== null && !Array.isArray(member('output'))
  if (told || member('object') === 'error')
    throw decodeFault(undefined, { error, message: member('message'), code: member('code') })
}

export function encodeResponse(response: ChatResponse, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, dialectId, '', lost)
  const choice = response.choices.find(({ index }) => index === 0) ?? response.choices[0]
  for (const other of response.choices) if (other !== choice) reportChoice(other.index, lost)
  const writer = writeFrame(response, context)
  const parts = choice?.parts ?? []
  const refused = parts.some((part) => part.type === 'refusal')
  const status = encodeFinish(choice?.finish, refused, 'choices[0]', lost)
  const { base } = responseIds(response, context.answerId)
  const logprobs = choice === undefined ? [] : reportChoiceNode(choice, lost)
  const output = encodeAnswer(parts, { ids: itemIds(base), status: status.status, logprobs, lost })
  writeStatus(writer, status)
  if (output.length > 0 || !isOwn(response)) writer.set('output', output)
  writeUsage(writer, response.usage, lost)
  writer.set('service_tier', encodeTier(response.serviceTier, isOwn(response), lost))
  return { json: writer.finish(), lost }
}

export function reportChoice(index: number, lost: Loss[]): void {
  drop(lost, joinPath('choices', index), `${dialectId} has one answer to a request; the first is told`)
}

export function reportRefusalLogprobs(lost: Loss[]): undefined {
  return drop(lost, 'choices[0].logprobs.refusal', `${dialectId} tells log probabilities of texts alone`)
}

/** The log probabilities that can be told. */
function reportChoiceNode(choice: Choice, lost: Loss[]): readonly TokenLogprob[] {
  reportForeignExtra(choice, dialectId, 'choices[0]', lost)
  const { content = [], refusal = [] } = choice.logprobs ?? {}
  if (refusal.length > 0) reportRefusalLogprobs(lost)
  if (content.length > 0 && !choice.parts.some((part) => part.type === 'text'))
    drop(lost, 'choices[0].logprobs.content', `${dialectId} tells log probabilities of texts alone`)
  return content
}
