/**
 * The members of a request that concern what is kept beyond it: stored responses, conversations and work in the background. The
 * gateway answers for them itself where the target speaks another protocol; these functions read them and take them out.
 * https://developers.openai.com/api/docs/guides/conversation-state
 */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

export const stateMembers = ['store', 'background', 'previous_response_id', 'conversation'] as const

export interface StateMembers {
  /** Responses are stored unless the client says otherwise. */
  readonly store: boolean
  readonly background: boolean
  readonly previousResponseId?: string
  readonly conversationId?: string
}

/** Reads one top-level member: of a parsed object, or of a body by its spans. */
export type ReadMember = (key: string) => unknown

/** Throws a Fault (`invalid_request`) for members that are not what they must be, or that exclude each other. */
export function readStateMembers(member: ReadMember): StateMembers {
  const store = flag(member, 'store') ?? true
  const background = flag(member, 'background') ?? false
  const previousResponseId = text(member('previous_response_id'), 'previous_response_id')
  const conversationId = conversationOf(member('conversation'))
  if (previousResponseId !== undefined && conversationId !== undefined)
    throw invalidRequest(
      'previous_response_id',
      '`previous_response_id` and `conversation` exclude each other: send one of them.',
    )
  return {
    store,
    background,
    ...(previousResponseId !== undefined && { previousResponseId }),
    ...(conversationId !== undefined && { conversationId }),
  }
}

function flag(member: ReadMember, key: string): boolean | undefined {
  const value = member(key) ?? undefined
  if (value !== undefined && typeof value !== 'boolean') throw wrongType(key, 'true or false', value)
  return value
}

function text(value: unknown, path: string): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value === '') throw wrongType(path, 'an id: a string that is not empty', value)
  return value
}

/** By id, or as an object that has it. */
function conversationOf(value: unknown): string | undefined {
  return isJsonObject(value) ? text(value['id'] ?? '', 'conversation.id') : text(value, 'conversation')
}

/** The request without them. */
export function withoutStateMembers(request: JsonObject): JsonObject {
  const rest = { ...request }
  for (const key of stateMembers) delete rest[key]
  return rest
}

/** The conversation of a request as a response tells it. */
export function answeredConversation(value: JsonValue | undefined): JsonValue {
  return typeof value === 'string' ? { id: value } : (value ?? null)
}

/** Whether a request may go without input: something else says what the model is to answer. */
export function replacesInput(member: ReadMember): boolean {
  return ['previous_response_id', 'conversation', 'prompt'].some((key) => (member(key) ?? undefined) !== undefined)
}
