/** A complete answer, both ways. It has neither an id nor the name of its model, and there is one answer to a request. */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatResponse } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import { decodeBlocks } from './blocks-decode.ts'
import { encodeBlocks } from './blocks-encode.ts'
import type { BlockContext } from './blocks-encode.ts'
import { dialectId } from './dialect-id.ts'
import { DocumentNames } from './document-names.ts'
import { decodeFinish, encodeFinish, hasCalls, sequenceField, tellsSequenceAlone } from './finish.ts'
import { decodeGuardrail, encodeGuardrail } from './guardrail.ts'
import { MemberReader, MemberWriter } from './members.ts'
import { familyOf } from './model-family.ts'
import { drop } from './report.ts'
import { decodeUsage, encodeUsage } from './usage.ts'

export function malformed(what: string, cause?: unknown): Fault {
  return new Fault('provider_malformed', `The provider's answer is not of the Converse API: ${what}.`, { cause })
}

export function decodeResponse(json: unknown): ChatResponse {
  try {
    return readResponse(json)
  } catch (error) {
    if (error instanceof Fault && error.side === 'client') throw malformed(error.message.replace(/\.$/, ''), error)
    throw error
  }
}

function readResponse(json: unknown): ChatResponse {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(json, '')
  const message = reader.requiredNested('output').requiredNested('message')
  const role = message.string('role')
  if (role === undefined && !message.has('role')) message.noteAbsent('role')
  else if (role !== undefined && role !== 'assistant') message.note('role', role)
  const list = message.list('content')
  if (list === undefined) throw wrongType(message.at('content'), 'an array of content blocks', list)
  const parts = decodeBlocks(list, message.at('content'), 'answer')
  const fields = reader.peek('additionalModelResponseFields')
  const word = reader.string('stopReason')
  if (word === undefined && !reader.has('stopReason')) reader.noteAbsent('stopReason')
  if (tellsSequenceAlone(fields) && fields !== undefined) {
    reader.take('additionalModelResponseFields')
    reader.note('fields', fields)
  }
  const usage = decodeUsage(isJsonObject(reader.peek('usage')) ? reader.take('usage') : undefined)
  if (usage === undefined && !reader.has('usage')) reader.noteAbsent('usage')
  // How long it took is nothing of the answer's, so nobody misses it elsewhere.
  const metrics = isJsonObject(reader.peek('metrics')) ? reader.take('metrics') : undefined
  if (metrics !== undefined) reader.note('metrics', metrics)
  const trace = isJsonObject(reader.peek('trace')) ? reader.nested('trace') : undefined
  const safety = decodeGuardrail(trace?.peek('guardrail'))
  if (safety !== undefined) trace?.take('guardrail')
  const tier = isJsonObject(reader.peek('serviceTier')) ? reader.nested('serviceTier')?.string('type') : undefined
  return {
    id: '',
    model: '',
    choices: [{ index: 0, parts, ...(word !== undefined && { finish: decodeFinish(word, fields) }) }],
    ...(usage !== undefined && { usage }),
    ...(tier !== undefined && { serviceTier: tier }),
    ...(safety !== undefined && { safety }),
    ...reader.node(),
  }
}

/** What blocks of an answer are encoded with. */
export function answerContext(model: string, lost: Loss[]): BlockContext {
  return { side: 'response', own: false, role: 'assistant', model: familyOf(model), names: new DocumentNames(), lost }
}

export function encodeResponse(response: ChatResponse, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, dialectId, '', lost)
  const writer = new MemberWriter(response)
  const own = writer.form !== undefined
  const choice = response.choices.find(({ index }) => index === 0) ?? response.choices[0]
  for (const other of response.choices) if (other !== choice) reportChoice(other.index, lost)
  if (choice !== undefined) reportForeignExtra(choice, dialectId, 'choices[0]', lost)
  if (choice?.logprobs !== undefined) reportLogprobs(lost)
  const parts = choice?.parts ?? []
  if (!(writer.wasAbsent('output.message.role') || writer.wasNull('output.message.role')))
    writer.set('output.message.role', writer.note('role') ?? 'assistant')
  writer.set(
    'output.message.content',
    encodeBlocks(parts, 'choices[0].content', { ...answerContext(context.model, lost), own }),
  )
  if (choice?.finish !== undefined || !(writer.wasAbsent('stopReason') || writer.wasNull('stopReason')))
    writer.set('stopReason', encodeFinish(choice?.finish, hasCalls(parts), 'choices[0]', lost))
  if (response.usage !== undefined || !own) writer.set('usage', encodeUsage(response.usage, lost))
  // Clients read the number without asking whether it is there.
  writer.set('metrics', writer.note('metrics') ?? (own ? undefined : { latencyMs: 0 }))
  writer.set('trace.guardrail', encodeGuardrail(response.safety))
  writer.set(
    'additionalModelResponseFields',
    writer.note('fields') ?? (own ? undefined : sequenceField(choice?.finish, false)),
  )
  writer.set('serviceTier.type', encodeTier(response.serviceTier, own, lost))
  return { json: writer.finish(), lost }
}

const tiers: ReadonlySet<string> = new Set(['default', 'priority', 'flex', 'reserved'])

export function encodeTier(tier: string | undefined, own: boolean, lost: Loss[]): string | undefined {
  if (tier === undefined || own || tiers.has(tier)) return tier
  return tier === 'standard' ? 'default' : drop(lost, 'service_tier', `there is no service tier ${tier} here`)
}

export function reportChoice(index: number, lost: Loss[]): void {
  drop(lost, joinPath('choices', index), 'there is one answer to a request here')
}

export function reportLogprobs(lost: Loss[]): void {
  drop(lost, 'choices[0].logprobs', 'log probabilities have no place here')
}
