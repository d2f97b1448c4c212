/**
 * Encodes a chat request for Google. What this dialect decoded goes out as it was spelled; of another's, what Google has no word for
 * is reported.
 */
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { encodeConversation } from './contents-encode.ts'
import { instructionMember } from './contents-decode.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { traitsOf } from './gemini-models.ts'
import { MemberWriter, writtenMany } from './members.ts'
import { encodeTier } from './service-tier.ts'
import { reportUnknown, writeSettings } from './settings-encode.ts'
import { encodeTools, writeToolChoice } from './tools.ts'

export function encodeRequest(request: ChatRequest, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, dialectId, '', lost)
  const writer = new MemberWriter(request)
  const own = isOwn(request)
  const traits = traitsOf(context.model)
  const { systemInstruction, contents } = encodeConversation(request.messages, own, traits, lost)
  writer.set(instructionMember, systemInstruction)
  writer.set('contents', writtenMany(writer, 'contents', contents))
  writer.set('tools', encodeTools(writer, request.tools ?? [], lost))
  writeToolChoice(writer, request, own, lost)
  writeSettings(writer, request, own, traits, lost)
  if (own) writer.set('labels', request.metadata === undefined ? undefined : { ...request.metadata })
  else reportUnknown(request, lost)
  writer.set('serviceTier', encodeTier(request.serviceTier, lost))
  return { json: writer.finish(), lost }
}
