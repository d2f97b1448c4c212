/**
 * The prompt of a request. A canonical request holds one conversation, so one prompt of text becomes a user's message; several
 * prompts, and tokens that only the model's own tokenizer could read, go to services of this protocol alone.
 */
import type { MemberReader } from '../../kernel/codec/member-reader.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { transcriptOf } from '../../kernel/codec/transcript.ts'
import type { ChatRequest, Message } from '../../model/chat.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { Loss } from '../../model/loss.ts'
import { dialectId, isOwn } from './dialect-id.ts'

/** Throws a Fault for a prompt that cannot be said as a message. */
export function decodePrompt(reader: MemberReader): Message {
  const value = reader.peek('prompt')
  const text = Array.isArray(value) && value.length === 1 ? value[0] : value
  if (typeof text === 'string') {
    reader.take('prompt')
    if (Array.isArray(value)) reader.note('listPrompt', true)
    const parts: Message['parts'] = text === '' ? [] : [{ type: 'text', text }]
    return { role: 'user', parts, form: { [dialectId]: {} } }
  }
  if (!Array.isArray(value)) throw wrongType('prompt', 'a string', value)
  if (value.length === 0) throw invalidRequest('prompt', '`prompt` is an empty array: send a string.')
  if (value.every((item) => typeof item === 'string')) {
    throw invalidRequest(
      'prompt',
      `\`prompt\` holds ${value.length} prompts, but this model takes one conversation a request: send one request for each.`,
    )
  }
  throw invalidRequest(
    'prompt',
    '`prompt` is made of tokens, which only a service of the completions protocol can read: send it as a string.',
  )
}

/** The text that a request of this dialect asks to continue; undefined for one that is none, or that something was added to. */
export function promptText(request: ChatRequest): string | undefined {
  const [only] = request.messages
  if (!isOwn(request) || only === undefined || request.messages.length > 1 || only.role !== 'user') return undefined
  const texts = only.parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  return texts.length === only.parts.length ? texts.join('') : undefined
}

/** Writes the prompt; whether it is a transcript. */
export function writePrompt(writer: MemberWriter, request: ChatRequest, lost: Loss[]): boolean {
  const text = promptText(request)
  const prompt = text ?? transcriptOf(request.messages, { target: dialectId }, lost)
  writer.set('prompt', text !== undefined && writer.note('listPrompt') === true ? [prompt] : prompt)
  return text === undefined
}

/** What an answer has to repeat: the prompt of a request that asked for it. */
export function echoOf(request: ChatRequest | undefined): string {
  return request?.form?.[dialectId]?.['echo'] === true ? (promptText(request) ?? '') : ''
}
