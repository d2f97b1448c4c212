/**
 * Requests of `chatbot`: what the user says, a context, and the history of the conversation in pairs of what was said and answered. It has
 * no settings. A conversation that does not go by turns becomes a transcript.
 */
import type { Body } from '../../kernel/body.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { leadingInstructions, plainText, promptMessages, writePrompt } from '../../kernel/codec/one-text/prompt.ts'
import { reportUnsaid } from '../../kernel/codec/one-text/settings.ts'
import { requestSpans } from '../../kernel/codec/request-head.ts'
import type { Encoded, RequestAddress, RequestHead } from '../../kernel/dialect.ts'
import type { ChatRequest, Message } from '../../model/chat.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { messagePlaces } from '../../model/message-places.ts'
import { chatbot } from './kind.ts'

const { id } = chatbot
const options = { target: id, instructions: true } as const

export function readChatbotHead(body: Body<ChatRequest>, address: RequestAddress = {}): RequestHead {
  const input = requestSpans(body).json('input')
  if (typeof input !== 'string') throw wrongType('input', 'a string', input)
  return { model: address.model ?? '', stream: address.stream ?? false }
}

export function decodeChatbot(json: unknown, address: RequestAddress = {}): ChatRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(id, json, '')
  const input = reader.requiredString('input')
  const context = reader.string('context')
  if (context === '') reader.note('blankContext', true)
  const history = (reader.list('history') ?? []).flatMap((pair, index) => decodePair(pair, joinPath('history', index)))
  const [first, ...rest] = promptMessages(id, input, context)
  return {
    model: address.model ?? '',
    stream: address.stream ?? false,
    messages: [
      ...(rest.length > 0 && first !== undefined ? [first] : []),
      ...history,
      ...promptMessages(id, input, undefined),
    ],
    ...reader.node(),
  }
}

/** What the pair says beside its two texts stays with the first of them. */
function decodePair(json: JsonValue, path: string): Message[] {
  if (!isJsonObject(json)) throw wrongType(path, 'an object', json)
  const reader = new MemberReader(id, json, path)
  const text = (key: string): Message['parts'] => {
    const value = reader.requiredString(key)
    return value === '' ? [] : [{ type: 'text', text: value }]
  }
  const [asked, answered] = [text('input'), text('response')]
  return [
    { role: 'user', parts: asked, ...reader.node() },
    { role: 'assistant', parts: answered, form: { [id]: {} } },
  ]
}

export function encodeChatbot(request: ChatRequest): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  const writer = new MemberWriter(id, request)
  const turns = turnsOf(request.messages)
  if (turns === undefined) {
    const { prompt, instructions } = writePrompt(request, options, lost)
    writer.set('input', prompt)
    writer.set('context', instructions)
  } else writeTurns(writer, request.messages, turns, lost)
  if (writer.note('blankContext') === true) writer.set('context', '')
  reportUnsaid(request, id, new Set(), lost)
  return { json: writer.finish(), lost }
}

/** Where the turns begin that end with one of the user's; undefined where user and assistant do not take turns. */
function turnsOf(messages: readonly Message[]): number | undefined {
  const first = leadingInstructions(messages)
  const turns = messages.slice(first)
  const alternate = turns.every(({ role }, index) => role === (index % 2 === 0 ? 'user' : 'assistant'))
  const sayable = turns.every(({ parts }) => parts.every(({ type }) => type !== 'tool-call' && type !== 'tool-result'))
  return alternate && sayable && turns.length % 2 === 1 ? first : undefined
}

function writeTurns(writer: MemberWriter, messages: readonly Message[], first: number, lost: Loss[]): void {
  const places = messagePlaces(messages)
  const textAt = (index: number): string => {
    const message = messages[index]
    return message === undefined ? '' : plainText(message, places[index], options, lost)
  }
  const texts = messages.map((_, index) => textAt(index))
  if (first > 0) writer.set('context', texts.slice(0, first).join('\n'))
  const history: JsonValue[] = []
  for (let index = first; index + 1 < messages.length; index += 2) {
    const pair = new MemberWriter(id, messages[index] ?? {})
    pair.set('input', texts[index])
    pair.set('response', texts[index + 1])
    history.push(pair.finish())
  }
  writer.set('input', texts.at(-1) ?? '')
  if (history.length > 0) writer.set('history', history)
}
