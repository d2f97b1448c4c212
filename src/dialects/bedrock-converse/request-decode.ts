/** Decodes a Converse request. What only Bedrock has (guardrails, prompt variables) stays unmodelled and travels along in `extra`. */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { RequestAddress } from '../../kernel/dialect.ts'
import type { ChatRequest, Message, Role } from '../../model/chat.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import { decodeBlocks } from './blocks-decode.ts'
import { dialectId } from './dialect-id.ts'
import { MemberReader } from './members.ts'
import type { Reader } from './members.ts'
import { decodeSettings } from './settings-decode.ts'
import { decodeToolConfig } from './tools-decode.ts'

/** The model that the URL names; throws where there is none. */
export function modelOf(address: RequestAddress | undefined): string {
  const model = address?.model ?? ''
  if (model === '') throw invalidRequest('modelId', 'The URL names no model: POST to /model/{modelId}/converse.')
  return model
}

/** A prompt kept at Bedrock has messages of its own, so that a request for it may go without. */
export function isPrompt(model: string): boolean {
  return model.includes(':prompt/')
}

export function decodeRequest(json: unknown, address?: RequestAddress): ChatRequest {
  const model = modelOf(address)
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(json, '')
  const system = decodeSystem(reader)
  const messages = decodeMessages(reader, model)
  return {
    model,
    messages: [...(system === undefined ? [] : [system]), ...messages],
    stream: address?.stream ?? false,
    ...decodeSettings(reader),
    ...decodeToolConfig(reader),
    ...reader.node(),
  }
}

function decodeSystem(reader: Reader): Message | undefined {
  const list = reader.list('system')
  if (list === undefined || list.length === 0) return undefined
  return {
    role: 'system',
    apart: 'system',
    parts: decodeBlocks(list, 'system', 'user'),
    form: { [dialectId]: {} },
  }
}

function decodeMessages(reader: Reader, model: string): Message[] {
  const list = reader.list('messages')
  if (list === undefined) {
    if (!isPrompt(model)) throw wrongType('messages', 'an array of messages', list)
    if (!reader.has('messages')) reader.noteAbsent('messages')
    return []
  }
  if (list.length === 0 && !isPrompt(model))
    throw invalidRequest('messages', '`messages` is empty: send at least one message.')
  return list.map((json, index) => decodeMessage(json, joinPath('messages', index)))
}

const roles: readonly Role[] = ['user', 'assistant', 'system']

function decodeMessage(json: JsonValue, path: string): Message {
  if (!isJsonObject(json)) throw wrongType(path, 'a message: an object with a `role`', json)
  const reader = new MemberReader(json, path)
  const named = reader.requiredString('role')
  const role = roles.find((known) => known === named)
  if (role === undefined)
    throw invalidRequest(
      reader.at('role'),
      `\`${reader.at('role')}\` must be user, assistant or system, but is "${named}".`,
    )
  const list = reader.list('content')
  if (list === undefined) throw wrongType(reader.at('content'), 'an array of content blocks', list)
  const parts = decodeBlocks(list, reader.at('content'), role === 'assistant' ? 'assistant' : 'user')
  return { role, parts, ...reader.node() }
}
