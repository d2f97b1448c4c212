/** The canonical chat request to a Converse request. What this protocol or the model cannot be told is reported. */
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatRequest } from '../../model/chat.ts'
import type { Loss } from '../../model/loss.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { MemberWriter } from './members.ts'
import { encodeMessages } from './messages-encode.ts'
import { familyOf } from './model-family.ts'
import { writeForeignSettings, writeOwnSettings } from './settings-encode.ts'
import { writeTools } from './tools-encode.ts'

export function encodeRequest(request: ChatRequest, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, dialectId, '', lost)
  const writer = new MemberWriter(request)
  const own = isOwn(request)
  const model = familyOf(context.model)
  const { system, messages } = encodeMessages(request.messages, { own, model, lost })
  writer.set('system', system)
  if (messages.length > 0 || !(writer.wasAbsent('messages') || writer.wasNull('messages')))
    writer.set('messages', messages)
  if (own) writeOwnSettings(writer, request)
  else writeForeignSettings(writer, request, { model, messages, lost }, context)
  writeTools(writer, request, { own, model, lost })
  return { json: writer.finish(), lost }
}
