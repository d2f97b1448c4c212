/**
 * Counts the tokens of a chat request where no provider does: with OpenAI's public tokenizer, loaded at the first use because it
 * is large. For models of other makers it is an estimate, within some ten percent on ordinary text.
 */
import type { ChatRequest, Message, Tool } from '../model/chat.ts'
import type { Part } from '../model/part.ts'

/** What the chat format adds to each message, and to the whole, by OpenAI's own account. */
const perMessage = 3
const perRequest = 3
/** A picture of common size; its true cost depends on dimensions that are not known here. */
const perImage = 765

export class TokenCounter {
  #encoding: Promise<(text: string) => number> | undefined

  async count(request: ChatRequest): Promise<number> {
    const countText = await (this.#encoding ??= loadEncoding())
    let tokens = perRequest
    for (const message of request.messages) tokens += perMessage + countMessage(message, countText)
    for (const tool of request.tools ?? []) tokens += countText(toolText(tool))
    return tokens
  }
}

async function loadEncoding(): Promise<(text: string) => number> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base')
  // Text that spells a special token is still only text.
  return (text) => countTokens(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() })
}

function countMessage(message: Message, countText: (text: string) => number): number {
  let tokens = 0
  for (const part of message.parts) tokens += countPart(part, countText)
  return tokens
}

function countPart(part: Part, countText: (text: string) => number): number {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return countText(part.text)
    case 'tool-call':
    case 'server-tool-call':
      return countText(part.name) + countText(part.arguments)
    case 'tool-result':
      return part.content.reduce((sum, inner) => sum + countPart(inner, countText), 0)
    case 'image':
      return perImage
    case 'file':
      return part.source.kind === 'text' ? countText(part.source.text) : perImage
    case 'server-tool-result':
    case 'opaque':
      return countText(JSON.stringify(part.value))
    case 'audio':
      return countText(part.transcript ?? '')
    case 'video':
      return perImage
  }
}

function toolText(tool: Tool): string {
  if (tool.type === 'function') return `${tool.name} ${tool.description ?? ''} ${JSON.stringify(tool.parameters ?? {})}`
  if (tool.type === 'custom') return `${tool.name} ${tool.description ?? ''}`
  return JSON.stringify(tool.value)
}
