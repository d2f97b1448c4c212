/** A complete answer, both ways. It does not name its model, and there is one answer to a request. */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatResponse, Logprobs } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { writeAssistant } from './assistant-encode.ts'
import { decodeAssistant } from './content-decode.ts'
import { dialectId } from './dialect-id.ts'
import { decodeFinish, encodeFinish } from './finish.ts'
import { decodeLogprobs, encodeLogprob } from './logprobs.ts'
import { MemberReader, MemberWriter } from './members.ts'
import { drop } from './report.ts'
import { decodeUsage, encodeUsage } from './usage.ts'

export function malformed(what: string, cause?: unknown): Fault {
  return new Fault('provider_malformed', `The provider's answer is not of Cohere's chat: ${what}.`, { cause })
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
  const id = reader.string('id')
  if (id === undefined && !reader.has('id')) reader.noteAbsent('id')
  const message = reader.requiredNested('message')
  const role = message.string('role')
  if (role === undefined && !message.has('role')) message.noteAbsent('role')
  else if (role !== undefined && role !== 'assistant') message.note('role', role)
  const parts = decodeAssistant(message)
  const word = reader.string('finish_reason')
  if (word === undefined && !reader.has('finish_reason')) reader.noteAbsent('finish_reason')
  const usage = decodeUsage(isJsonObject(reader.peek('usage')) ? reader.take('usage') : undefined)
  const list = reader.peek('logprobs')
  const content = Array.isArray(list) && list.length > 0 ? decodeLogprobs(list) : undefined
  if (content !== undefined && list !== undefined) {
    reader.take('logprobs')
    reader.note('logprobs', list)
  }
  return {
    id: id ?? '',
    model: '',
    choices: [
      {
        index: 0,
        parts,
        ...(word !== undefined && { finish: decodeFinish(word) }),
        ...(content !== undefined && { logprobs: { content } }),
      },
    ],
    ...(usage !== undefined && { usage }),
    ...reader.node(),
  }
}

export function encodeResponse(response: ChatResponse, _context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, dialectId, '', lost)
  const writer = new MemberWriter(response)
  const choice = response.choices.find(({ index }) => index === 0) ?? response.choices[0]
  for (const other of response.choices) if (other !== choice) reportChoice(other.index, lost)
  if (choice !== undefined) reportForeignExtra(choice, dialectId, 'choices[0]', lost)
  const parts = choice?.parts ?? []
  const unsaid = (key: string): boolean => writer.wasAbsent(key) || writer.wasNull(key)
  if (response.id !== '' || !unsaid('id')) writer.set('id', response.id)
  if (!unsaid('message.role')) writer.set('message.role', writer.note('role') ?? 'assistant')
  writeAssistant(writer, parts, { member: 'message', answer: true, path: 'choices[0]', lost })
  if (choice?.finish !== undefined || !unsaid('finish_reason'))
    writer.set('finish_reason', encodeFinish(choice?.finish, hasCalls(parts), 'choices[0]', lost))
  if (response.usage !== undefined) writer.set('usage', encodeUsage(response.usage, lost))
  if (response.serviceTier !== undefined) reportTier(lost)
  if (choice?.logprobs !== undefined)
    writer.set('logprobs', encodeLogprobs(choice.logprobs, writer.note('logprobs'), lost))
  return { json: writer.finish(), lost }
}

export function hasCalls(parts: readonly Part[]): boolean {
  return parts.some((part) => part.type === 'tool-call')
}

function encodeLogprobs(logprobs: Logprobs, spelled: JsonValue | undefined, lost: Loss[]): JsonValue {
  reportLogprobs(logprobs, lost)
  const { content = [] } = logprobs
  const same = Array.isArray(spelled) && JSON.stringify(decodeLogprobs(spelled)) === JSON.stringify(content)
  return same ? spelled : content.map(encodeLogprob)
}

export function reportLogprobs({ content, refusal }: Logprobs, lost: Loss[]): void {
  if (refusal !== undefined && refusal.length > 0)
    drop(lost, 'choices[0].logprobs.refusal', 'refusals are not told apart here')
  if (content?.some(({ top }) => top !== undefined && top.length > 0) === true)
    drop(lost, 'choices[0].logprobs.content', 'alternatives to a token are not told here')
}

export function reportChoice(index: number, lost: Loss[]): void {
  drop(lost, joinPath('choices', index), 'there is one answer to a request here')
}

export function reportTier(lost: Loss[]): void {
  drop(lost, 'service_tier', 'which tier served the request is not told here')
}
