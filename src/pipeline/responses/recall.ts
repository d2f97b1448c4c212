/** Finds what a turn follows: the earlier turns' items, as the input of a provider that knows nothing of them. */
import type { JsonObject } from '../../model/json.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { ConversationStore } from '../../stores/conversation-store.ts'
import type { ResponseChain, ResponseStore, StoredResponse } from '../../stores/response-store.ts'
import { joinArrays, outputItems, parseItems, portableItem, isReference } from './items.ts'
import { parseObject } from './response-json.ts'
import type { ResponseSession } from './session.ts'

export interface RecallContext {
  readonly responses: ResponseStore
  readonly conversations: ConversationStore
  /** Bytes of earlier turns that one request may bring back. */
  readonly maxContextBytes: number
  /** Items of a conversation that one request may bring back. */
  readonly maxItems: number
  readonly now: number
  readonly owner: string
  readonly session: ResponseSession | undefined
  /** Whether a provider could not read what this turn's provider encrypted for itself. */
  readonly madeElsewhere: (turn: StoredResponse) => boolean
}

/** Turns that can be followed: the others have no answer yet, or none at all. */
const followable: ReadonlySet<string> = new Set(['completed', 'incomplete'])

export function chainOf(context: RecallContext, previousId: string): readonly StoredResponse[] {
  const { responses, owner, now, session, maxContextBytes } = context
  const turns =
    session?.chain(previousId) ?? wholeChain(responses.chain(owner, previousId, now, maxContextBytes), previousId)
  const last = turns.at(-1)
  if (last !== undefined && !followable.has(last.status))
    throw invalidRequest(
      'previous_response_id',
      `The response ${last.id} is ${last.status.replace('_', ' ')}: only one that is complete can be followed.`,
    )
  return turns
}

function wholeChain(chain: ResponseChain | undefined, id: string): readonly StoredResponse[] {
  if (chain === undefined) throw previousNotFound(id)
  if (chain.broken === 'deleted')
    throw new Fault(
      'previous_response_not_found',
      `What the response ${shown(id)} follows was deleted: send the whole conversation as \`input\`.`,
      { param: 'previous_response_id' },
    )
  if (chain.broken === 'too-large')
    throw new Fault(
      'body_too_large',
      `The conversation that ends with ${shown(id)} is larger than a request may be (server.body_limit). Compact it: POST /v1/responses/compact.`,
      { param: 'previous_response_id' },
    )
  return chain.turns
}

function previousNotFound(id: string): Fault {
  return new Fault('previous_response_not_found', `Previous response with id '${shown(id)}' not found.`, {
    param: 'previous_response_id',
  })
}

const shown = (id: string): string => id.slice(0, 120)

/** The items of earlier turns, oldest first. */
export function contextItems(context: RecallContext, turns: readonly StoredResponse[]): string {
  const arrays: string[] = []
  const [first] = turns
  if (first?.conversation !== undefined)
    arrays.push(conversationItems(context, first.conversation.id, first.conversation.upTo))
  for (const turn of turns) {
    const response = parseObject(turn.response)
    const elsewhere = context.madeElsewhere(turn)
    const output = response === undefined ? [] : outputItems(response)
    arrays.push(turn.input, portable(output, elsewhere))
  }
  return joinArrays(arrays)
}

/** The items of a conversation, oldest first. */
export function conversationItems(context: RecallContext, id: string, upTo?: number): string {
  const items = context.conversations.items(context.owner, id, {
    order: 'asc',
    limit: context.maxItems,
    ...(upTo !== undefined && { upTo }),
  })
  const size = items.reduce((sum, { json }) => sum + json.length, 0)
  if (size > context.maxContextBytes)
    throw new Fault(
      'body_too_large',
      `The conversation ${shown(id)} is larger than a request may be (server.body_limit). Begin another.`,
      { param: 'conversation' },
    )
  const parsed = parseItems(`[${items.map(({ json }) => json).join(',')}]`)
  return JSON.stringify(
    parsed.map((item) => portableItem(item, reasonedElsewhere(context, item))).filter((item) => item !== undefined),
  )
}

/** A conversation may have turns of several providers: the answer that the reasoning stands in knows whose it is. */
function reasonedElsewhere(context: RecallContext, item: JsonObject): boolean {
  const { id } = item
  if (item['type'] !== 'reasoning' || typeof id !== 'string') return false
  const holder = context.responses.holderOf(context.owner, id, context.now)
  return holder !== undefined && context.madeElsewhere(holder)
}

/**
 * Puts items in the place of references to them. Gives the answers that they stand in. Throws a Fault where the owner has none of that id: at a
 * provider, which knows but one account for all, it might be somebody else's.
 */
export function resolveReferences(
  context: RecallContext,
  items: readonly JsonObject[],
): { items: JsonObject[]; holders: StoredResponse[] } {
  const holders: StoredResponse[] = []
  const resolved = items.flatMap((item) => {
    const { id } = item
    if (typeof id !== 'string' || !isReference(item)) return [item]
    // It may be on its way already, as part of what the request follows.
    const present = items.find((other) => other['id'] === id && !isReference(other))
    if (present !== undefined) return [present]
    const holder = context.responses.holderOf(context.owner, id, context.now)
    const response = holder && parseObject(holder.response)
    const found = response && outputItems(response).find((output) => output['id'] === id)
    if (holder === undefined || found === undefined)
      throw new Fault('item_not_found', `Item with id '${shown(id)}' not found.`, { param: 'input' })
    holders.push(holder)
    const portable = portableItem(found, context.madeElsewhere(holder))
    return portable === undefined ? [] : [portable]
  })
  return { items: resolved, holders }
}

const portable = (items: readonly JsonObject[], elsewhere: boolean): string =>
  JSON.stringify(items.map((item) => portableItem(item, elsewhere)).filter((item) => item !== undefined))
