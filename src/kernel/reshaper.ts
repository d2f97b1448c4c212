/**
 * Turns an answer back into what the client asked for, where its request had to be rewritten for the target: tools that were described
 * in the prompt, a schema that stood in for structured output. Made together with the rewritten request, for one attempt.
 */
import type { ChatEvent } from '../model/chat-event.ts'
import type { ChatRequest, ChatResponse } from '../model/chat.ts'

export interface EventReshaper {
  /** What the client sees of this event; an `error` event ends the answer. */
  push(event: ChatEvent): ChatEvent[]
}

export interface Again {
  readonly request: ChatRequest
  readonly reshaper: Reshaper
}

export interface Reshaper {
  /** Throws a Fault when the answer is not what was asked for. */
  response(answer: ChatResponse): ChatResponse
  events(): EventReshaper
  /**
   * After an answer that it has refused (`invalid_structured_output`): the request that asks for a better one. Undefined when it has
   * been asked often enough.
   */
  again?(): Again | undefined
}
