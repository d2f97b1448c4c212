/**
 * Marks the long, stable beginning of a prompt for the provider's cache, for clients that set no marks themselves: tools and
 * instructions once, and the conversation up to the last turn, which the next request repeats. Providers take at most four marks.
 */
import type { ChatRequest, Message } from '../../model/chat.ts'
import type { Part } from '../../model/part.ts'

/** Below this a provider keeps nothing, so a mark would only cost. Characters: about 1,024 tokens, the least that Anthropic caches. */
const shortestPrefix = 4096

/** The same request where it has marks of its own, or too little to keep. */
export function withCacheMarks(request: ChatRequest): ChatRequest {
  if (isMarked(request)) return request
  const instructions = request.messages.filter(isInstruction)
  const toolsLength = (request.tools ?? []).reduce((sum, tool) => sum + JSON.stringify(tool).length, 0)
  const instructionsLength = instructions.reduce((sum, { parts }) => sum + lengthOf(parts), 0)
  const stable = toolsLength + instructionsLength
  const whole = request.messages.reduce((sum, { parts }) => sum + lengthOf(parts), toolsLength)
  if (whole < shortestPrefix) return request

  const lastInstruction = request.messages.findLastIndex(isInstruction)
  const lastTurn = request.messages.findLastIndex(({ role }) => role === 'user' || role === 'tool')
  const messages = request.messages.map((message, index) => {
    const marks = (index === lastInstruction && stable >= shortestPrefix) || index === lastTurn
    return marks ? withMark(message) : message
  })
  const marksTools = instructions.length === 0 && toolsLength >= shortestPrefix
  const tools = request.tools?.map((tool, index, all) =>
    marksTools && index === all.length - 1 && tool.type === 'function' ? { ...tool, cache: {} } : tool,
  )
  return { ...request, messages, ...(tools !== undefined && { tools }) }
}

const isInstruction = ({ role }: Message): boolean => role === 'system' || role === 'developer'

function isMarked({ messages, tools }: ChatRequest): boolean {
  return (
    messages.some(({ parts }) => parts.some(({ cache }) => cache !== undefined)) ||
    (tools ?? []).some((tool) => tool.type === 'function' && tool.cache !== undefined)
  )
}

function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => {
    if (part.type === 'text' || part.type === 'refusal' || part.type === 'reasoning') return sum + part.text.length
    if (part.type === 'tool-call') return sum + part.arguments.length
    return part.type === 'tool-result' ? sum + lengthOf(part.content) : sum + shortestPrefix / 4
  }, 0)
}

/** On the last part that can carry one. */
function withMark(message: Message): Message {
  const at = message.parts.findLastIndex(({ type }) => type !== 'reasoning' && type !== 'opaque')
  if (at === -1) return message
  return { ...message, parts: message.parts.map((part, index) => (index === at ? { ...part, cache: {} } : part)) }
}
