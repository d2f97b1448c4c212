/** What a request of the Responses API says of state: read from its top-level members, without decoding the rest. */
import type { Body } from '../../kernel/body.ts'
import { invalidRequest } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'

export interface StatefulAsk {
  /** The answer may be asked for again. */
  readonly store: boolean
  /** The client will not wait: the answer is made without it. */
  readonly background: boolean
  readonly previousId?: string
  readonly conversationId?: string
}

/** https://developers.openai.com/api/reference/resources/responses/methods/create */
export function readAsk(body: Body<unknown>, keepAnswers: boolean): StatefulAsk {
  const store = (flag(body, 'store') ?? true) && keepAnswers
  const background = flag(body, 'background') ?? false
  const previousId = text(body.member('previous_response_id'), 'previous_response_id')
  const conversationId = conversationOf(body.member('conversation'))
  if (previousId !== undefined && conversationId !== undefined)
    throw invalidRequest(
      'previous_response_id',
      'previous_response_id and conversation exclude each other: send the one that the turn follows.',
    )
  if (background && !store)
    throw invalidRequest(
      'background',
      keepAnswers
        ? 'A background response has to be stored, or nobody could ask for it: leave `store: false` out.'
        : 'This gateway keeps no answers (responses.keep), so none can be made in the background.',
    )
  return {
    store,
    background,
    ...(previousId !== undefined && { previousId }),
    ...(conversationId !== undefined && { conversationId }),
  }
}

function flag(body: Body<unknown>, name: string): boolean | undefined {
  const value = body.member(name)
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw invalidRequest(name, `${name} must be true or false.`)
  return value
}

function conversationOf(value: unknown): string | undefined {
  return isJsonObject(value) ? text(value['id'] ?? '', 'conversation.id') : text(value, 'conversation')
}

function text(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value === '') throw invalidRequest(name, `${name} must be an id.`)
  return value
}
