/** Answers that are kept, as their owner sees them afterwards. */
import type { Clock } from '../../kernel/clock.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import type { ConversationStore } from '../../stores/conversation-store.ts'
import type { ResponseEventStore, ResponseStore, StoredResponse } from '../../stores/response-store.ts'
import { listedItem, outputItems, parseItems, placeId } from './items.ts'
import { parseObject } from './response-json.ts'

export type ListedItem = JsonObject & { readonly id: string }

export interface Archive {
  /** Throws a Fault (`response_not_found`) for ids of nobody's, or of somebody else's. */
  get(owner: string, id: string): StoredResponse
  /** Its event stream is kept. */
  hasEvents(response: StoredResponse): boolean
  /** Every item that the model was given, oldest first: those of earlier turns too, as far as they are kept and fit. */
  inputItems(owner: string, id: string): ListedItem[]
  /** Deletes it and gives what it was. */
  forget(owner: string, id: string): StoredResponse
}

export interface ArchiveContext {
  readonly clock: Clock
  readonly responses: ResponseStore
  readonly events: ResponseEventStore
  readonly conversations: ConversationStore
  /** Bytes of earlier turns that are brought back at once. */
  readonly maxContextBytes: number
}

export function createArchive(context: ArchiveContext): Archive {
  const { clock, responses, events, conversations, maxContextBytes } = context

  function get(owner: string, id: string): StoredResponse {
    const found = responses.get(owner, id, clock.now())
    if (found === undefined) throw new Fault('response_not_found', `Response with id '${id.slice(0, 120)}' not found.`)
    return found
  }

  return {
    get,
    hasEvents: ({ owner, id }) => events.after(owner, id, -1, 1).length > 0,
    inputItems(owner, id) {
      get(owner, id)
      const turns = responses.chain(owner, id, clock.now(), maxContextBytes)?.turns ?? []
      const items = [...conversationBefore(owner, turns[0])]
      for (const [index, turn] of turns.entries()) {
        items.push(...ownItems(turn))
        const answer = index === turns.length - 1 ? undefined : parseObject(turn.response)
        if (answer !== undefined)
          items.push(...outputItems(answer).map((item) => listedItem(item, placeId(turn.id, 0))))
      }
      return items
    },
    forget(owner, id) {
      const found = get(owner, id)
      responses.delete(owner, id, clock.now())
      return found
    },
  }

  function conversationBefore(owner: string, first: StoredResponse | undefined): ListedItem[] {
    if (first?.conversation === undefined) return []
    const { id, upTo } = first.conversation
    return conversations
      .items(owner, id, { order: 'asc', limit: Number.MAX_SAFE_INTEGER, upTo })
      .map((item) => ({ ...parseObject(item.json), id: item.id }))
  }
}

/** Items without ids get some that are the same each time. */
function ownItems(turn: StoredResponse): ListedItem[] {
  return parseItems(turn.input).map((item, index) => listedItem(item, placeId(turn.id, index)))
}
