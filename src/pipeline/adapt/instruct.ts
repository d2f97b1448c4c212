/** Adds an instruction to what a request already has of them, at the end, so that a cached beginning stays the same. */
import type { ChatRequest, Message } from '../../model/chat.ts'

export function withInstruction(request: ChatRequest, text: string): ChatRequest {
  const { messages } = request
  const begun = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer')
  const leading = begun === -1 ? messages.length : begun
  const last = messages[leading - 1]
  if (last === undefined) {
    // `apart`, so that the client's own messages keep their places where something of them is told.
    const added: Message = { role: 'system', parts: [{ type: 'text', text }], apart: 'system' }
    return { ...request, messages: [added, ...messages] }
  }
  const part = last.parts.at(-1)
  const parts =
    part?.type === 'text'
      ? last.parts.with(last.parts.length - 1, { ...part, text: part.text === '' ? text : `${part.text}\n\n${text}` })
      : [...last.parts, { type: 'text' as const, text }]
  return { ...request, messages: messages.with(leading - 1, { ...last, parts }) }
}
