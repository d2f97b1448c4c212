/** Sends the model its own answer and what is wrong with it, and asks for a better one. */
import type { ChatRequest, Message } from '../../../model/chat.ts'
import type { Part } from '../../../model/part.ts'
import type { Asked } from './ask-for-value.ts'
import { describe } from './schema-check.ts'
import type { Problem } from './schema-check.ts'

export function askAgain({ request, tool }: Asked, given: readonly Part[], problems: readonly Problem[]): ChatRequest {
  const { n: _, ...one } = request
  const said = given.filter((part) => part.type !== 'text' || part.text.trim() !== '')
  const spoke = said.some(({ type }) => type === 'text' || type === 'tool-call')
  const answer: Message[] = spoke ? [{ role: 'assistant', parts: said }] : []
  return { ...one, messages: [...request.messages, ...answer, ...correction(said, problems, tool)] }
}

function correction(said: readonly Part[], problems: readonly Problem[], tool: string | undefined): Message[] {
  const list = problems.map((problem) => `- ${describe(problem)}`).join('\n')
  const calls = said.filter((part) => part.type === 'tool-call')
  const wish =
    tool === undefined
      ? 'Answer again with the whole value, corrected, and nothing else.'
      : `Call "${tool}" again with the whole value, corrected.`
  const text = `Your answer does not fit the JSON Schema it has to fit:\n${list}\n${wish}`
  if (calls.length === 0) return [{ role: 'user', parts: [{ type: 'text', text }] }]
  return calls.map((call): Message => {
    const result: Part = { type: 'tool-result', callId: call.id, content: [{ type: 'text', text }], isError: true }
    return { role: 'tool', parts: [result] }
  })
}
