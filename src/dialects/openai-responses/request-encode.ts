/**
 * Encodes a request for a provider of this protocol. What this dialect decoded goes out as it was spelled. What another one decoded
 * asks for nothing to be stored, because its protocol stores nothing: reasoning is then asked for in its encrypted form, so that the
 * next turn can bring it back.
 */
import { withoutRefusedSampling } from '../../kernel/codec/openai-sampling.ts'
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatRequest } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { instructionsMember } from './input-decode.ts'
import { encodeInput } from './input-encode.ts'
import { MemberWriter } from './members.ts'
import { included, reportUnknown, writeSettings } from './settings-encode.ts'

export function encodeRequest(asked: ChatRequest, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  const own = isOwn(asked)
  const request = own ? asked : withoutRefusedSampling(asked, context.model, lost)
  reportForeignExtra(request, dialectId, '', lost)
  const writer = new MemberWriter(request)
  const { instructions, items, reasoned } = encodeInput(request.messages, lost)
  writer.set('model', context.model)
  writer.set(instructionsMember, instructions ?? writer.note(instructionsMember))
  writeInput(writer, items, own)
  if (request.stream || writer.wasExplicit('stream')) writer.set('stream', request.stream)
  writeSettings(writer, request, lost)
  if (own) return { json: writer.finish(), lost }
  reportUnknown(request, lost)
  writer.set('store', false)
  const json = writer.finish()
  const include = included(request, reasoned, json)
  return { json: include.length > 0 ? { ...json, include } : json, lost }
}

function writeInput(writer: MemberWriter, items: JsonObject[], own: boolean): void {
  const [only] = items
  const text = items.length === 1 && only?.['role'] === 'user' ? only['content'] : undefined
  if (writer.note('input') === 'string' && typeof text === 'string') writer.set('input', text)
  else if (items.length > 0 || !own) writer.set('input', items)
}
