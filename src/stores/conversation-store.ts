/**
 * The port that keeps conversations: lists of items that answers of the Responses API are appended to. As with answers, everything
 * belongs to one client's key.
 */

export interface StoredConversation {
  /** Id of the key; '' where clients need none. */
  readonly owner: string
  readonly id: string
  /** Unix milliseconds. */
  readonly createdAt: number
  /** A JSON object. */
  readonly metadata: string
}

export interface ConversationItem {
  readonly id: string
  /** The item as JSON, its id included. */
  readonly json: string
}

export interface StoredConversationItem extends ConversationItem {
  /** Grows along the conversation; never given twice. */
  readonly position: number
}

export interface ItemQuery {
  readonly order: 'asc' | 'desc'
  readonly limit: number
  /** Begins after this position, in the order asked for. */
  readonly after?: number
  /** Only up to this position, itself included. */
  readonly upTo?: number
}

export interface ConversationStore {
  create(conversation: StoredConversation, items: readonly ConversationItem[]): void
  get(owner: string, id: string): StoredConversation | undefined
  /** False when there is no such conversation. */
  setMetadata(owner: string, id: string, metadata: string, now: number): boolean
  /** Deletes it with its items; false when there is none. */
  delete(owner: string, id: string): boolean
  /** Appends in order and gives the new items; undefined when there is no such conversation. An item of an id that is there replaces nothing: the new one gets no place. */
  append(
    owner: string,
    id: string,
    items: readonly ConversationItem[],
    now: number,
  ): StoredConversationItem[] | undefined
  items(owner: string, id: string, query: ItemQuery): StoredConversationItem[]
  item(owner: string, id: string, itemId: string): StoredConversationItem | undefined
  /** False when there is no such item. */
  deleteItem(owner: string, id: string, itemId: string): boolean
}
