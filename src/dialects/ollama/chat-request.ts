/** Requests of `/api/chat`. What only Ollama has (`keep_alive`, `truncate`, most options) stays unmodelled and travels along. */
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { invalidRequest } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { decodeMessages } from './chat-messages-decode.ts'
import { encodeMessages } from './chat-messages-encode.ts'
import { chat } from './kind.ts'
import { decodeSettings, writeSettings } from './settings.ts'
import { decodeTools, encodeTools } from './tools.ts'

export function decodeChatRequest(json: unknown): ChatRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(chat.id, json, '')
  const model = reader.requiredString('model')
  if (model === '') throw invalidRequest('model', '`model` is empty: name the model to use.')
  const messages = decodeMessages(reader)
  const tools = decodeTools(reader)
  const settings = decodeSettings(reader)
  return { model, messages, ...settings, ...(tools !== undefined && { tools }), ...reader.node() }
}

export function encodeChatRequest(request: ChatRequest, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, chat.id, '', lost)
  const writer = new MemberWriter(chat.id, request)
  writer.set('model', context.model)
  writer.set('messages', encodeMessages(request.messages, lost))
  writer.set('tools', encodeTools(request, lost))
  writeSettings(writer, request, chat, lost)
  return { json: writer.finish(), lost }
}
