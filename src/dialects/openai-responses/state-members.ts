/**
 * The members of a request that concern what is kept beyond it: stored responses, conversations and work in the background. The
 * gateway answers for them itself, before a request is translated; a request may come without input because of them.
 * https://developers.openai.com/api/docs/guides/conversation-state
 */
import type { JsonValue } from '../../model/json.ts'

export const stateMembers = ['store', 'background', 'previous_response_id', 'conversation'] as const

/** Reads one top-level member: of a parsed object, or of a body by its spans. */
type ReadMember = (key: string) => unknown

/** The conversation of a request as a response tells it. */
export function answeredConversation(value: JsonValue | undefined): JsonValue {
  return typeof value === 'string' ? { id: value } : (value ?? null)
}

/** Whether a request may go without input: something else says what the model is to answer. */
export function replacesInput(member: ReadMember): boolean {
  return ['previous_response_id', 'conversation', 'prompt'].some((key) => (member(key) ?? undefined) !== undefined)
}
