/**
 * Conversations and their items: https://developers.openai.com/api/reference/resources/conversations. They are the gateway's own,
 * whoever answers in them.
 */
import type { Clock } from '../../kernel/clock.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { isReference, listedItem, newId } from '../../pipeline/responses/items.ts'
import { parseObject } from '../../pipeline/responses/response-json.ts'
import type {
  ConversationItem,
  ConversationStore,
  StoredConversation,
  StoredConversationItem,
} from '../../stores/conversation-store.ts'
import { sendJson } from '../fault-response.ts'
import { readJson } from '../read-json.ts'
import type { Route } from '../route.ts'
import { readMetadata } from './metadata.ts'
import { listOf, readPageQuery } from './pages.ts'
import type { Identified } from './pages.ts'
import { ownerOf } from './response-routes.ts'

export interface ConversationRoutesContext {
  readonly clock: Clock
  readonly conversations: ConversationStore
  readonly bodyLimit: number
}

/** The most items that one request may add. */
const mostAdded = 20
const collection = '/v1/conversations'
const one = `${collection}/{id}`
const itemsOf = `${one}/items`
const oneItem = `${itemsOf}/{item}`

export function conversationRoutes({ clock, conversations, bodyLimit }: ConversationRoutesContext): Route[] {
  function existing(owner: string, id: string): StoredConversation {
    const found = conversations.get(owner, id)
    if (found === undefined) throw notFound(id)
    return found
  }

  function itemIn(owner: string, id: string, itemId: string): StoredConversationItem {
    existing(owner, id)
    const found = conversations.item(owner, id, itemId)
    if (found === undefined) throw itemNotFound(itemId)
    return found
  }

  return [
    {
      method: 'POST',
      path: collection,
      async handle({ request, response, key, headers }) {
        const { items, metadata } = await readJson(request, bodyLimit, { optional: true })
        const added = readItems(items, false)
        const conversation = {
          owner: ownerOf(key),
          id: newId('conv'),
          createdAt: clock.now(),
          metadata: JSON.stringify(readMetadata(metadata)),
        }
        conversations.create(conversation, added)
        sendJson(response, 200, shown(conversation), headers)
      },
    },
    {
      method: 'GET',
      path: one,
      handle({ response, key, params: { id = '' }, headers }) {
        sendJson(response, 200, shown(existing(ownerOf(key), id)), headers)
      },
    },
    {
      method: 'POST',
      path: one,
      async handle({ request, response, key, params: { id = '' }, headers }) {
        const owner = ownerOf(key)
        existing(owner, id)
        const { metadata } = await readJson(request, bodyLimit)
        if (metadata === undefined) throw invalidRequest('metadata', 'metadata is missing.')
        conversations.setMetadata(owner, id, JSON.stringify(readMetadata(metadata)), clock.now())
        sendJson(response, 200, shown(existing(owner, id)), headers)
      },
    },
    {
      method: 'DELETE',
      path: one,
      handle({ response, key, params: { id = '' }, headers }) {
        if (!conversations.delete(ownerOf(key), id)) throw notFound(id)
        sendJson(response, 200, { id, object: 'conversation.deleted', deleted: true }, headers)
      },
    },
    {
      method: 'POST',
      path: itemsOf,
      async handle({ request, response, key, params: { id = '' }, headers }) {
        const owner = ownerOf(key)
        existing(owner, id)
        const { items } = await readJson(request, bodyLimit)
        const placed = conversations.append(owner, id, readItems(items, true), clock.now())
        if (placed === undefined) throw notFound(id)
        sendJson(response, 200, listOf(placed.map(shownItem), false), headers)
      },
    },
    {
      method: 'GET',
      path: itemsOf,
      handle({ response, key, params: { id = '' }, query, headers }) {
        const owner = ownerOf(key)
        existing(owner, id)
        const { limit, order, after } = readPageQuery(query)
        const start = after === undefined ? undefined : itemIn(owner, id, after).position
        const found = conversations.items(owner, id, {
          order,
          // One more tells whether there are more.
          limit: limit + 1,
          ...(start !== undefined && { after: start }),
        })
        sendJson(response, 200, listOf(found.slice(0, limit).map(shownItem), found.length > limit), headers)
      },
    },
    {
      method: 'GET',
      path: oneItem,
      handle({ response, key, params: { id = '', item = '' }, headers }) {
        sendJson(response, 200, shownItem(itemIn(ownerOf(key), id, item)), headers)
      },
    },
    {
      method: 'DELETE',
      path: oneItem,
      handle({ response, key, params: { id = '', item = '' }, headers }) {
        const owner = ownerOf(key)
        const conversation = existing(owner, id)
        if (!conversations.deleteItem(owner, id, item)) throw itemNotFound(item)
        sendJson(response, 200, shown(conversation), headers)
      },
    },
  ]
}

const notFound = (id: string): Fault =>
  new Fault('conversation_not_found', `Conversation with id '${id.slice(0, 120)}' not found.`)
const itemNotFound = (id: string): Fault =>
  new Fault('item_not_found', `The conversation has no item with id '${id.slice(0, 120)}'.`)

const shown = ({ id, createdAt, metadata }: StoredConversation): JsonObject => ({
  id,
  object: 'conversation',
  created_at: Math.floor(createdAt / 1000),
  metadata: parseObject(metadata) ?? {},
})

const shownItem = ({ id, json }: ConversationItem): Identified => ({ ...parseObject(json), id })

function readItems(value: JsonValue | undefined, required: boolean): ConversationItem[] {
  if ((value === undefined || value === null) && !required) return []
  if (!Array.isArray(value)) throw invalidRequest('items', 'items must be an array of items.')
  if (value.length > mostAdded)
    throw invalidRequest('items', `items has ${value.length} entries; at most ${mostAdded} can be added at a time.`)
  return value.map((item, index) => {
    if (!isJsonObject(item) || (typeof item['type'] !== 'string' && typeof item['role'] !== 'string'))
      throw invalidRequest(`items[${index}]`, `items[${index}] must be an item: an object with a type or a role.`)
    if (isReference(item))
      throw invalidRequest(`items[${index}]`, `items[${index}] is a reference: add the item itself.`)
    const listed = listedItem(item, newId)
    return { id: listed.id, json: JSON.stringify(listed) }
  })
}
