/**
 * The port that keeps answers of the Responses API: what was asked, what was answered, and which answer followed which. Everything
 * belongs to one client's key (`owner`): to any other, an id that exists is as unknown as one that does not.
 */

export type ResponseStatus = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled'

/** Whoever answered. */
export interface ResponseOrigin {
  readonly provider: string
  readonly deployment: string
  /** Id of the dialect that it spoke. */
  readonly dialect: string
  /** Its own id of the answer, where it keeps the answer too and can go on from it. */
  readonly responseId?: string
}

export interface StoredResponse {
  /** Id of the key; '' where clients need none. */
  readonly owner: string
  /** As the client was told it. */
  readonly id: string
  /** Unix milliseconds, here and below. */
  readonly createdAt: number
  readonly expiresAt: number
  readonly status: ResponseStatus
  readonly background: boolean
  /** The items that came with this turn alone: a JSON array, as the client sent it. */
  readonly input: string
  /** The response object, as JSON. */
  readonly response: string
  /** The answer that this one follows. */
  readonly previousId?: string
  /** The conversation it is a turn of, and the position of the last item that was there before it. */
  readonly conversation?: { readonly id: string; readonly upTo: number }
  readonly origin?: ResponseOrigin
}

export interface ResponseChain {
  /** Oldest first; the last is the one asked for. */
  readonly turns: readonly StoredResponse[]
  /** Why earlier turns are missing, if they are: one was deleted, or all together are larger than was asked for. */
  readonly broken?: 'deleted' | 'too-large'
}

export interface ResponseStore {
  /** Writes the answer, in place of an earlier state of it. `itemIds` are those of its output: `holderOf` finds it by them. */
  put(response: StoredResponse, itemIds?: readonly string[]): void
  /** Undefined when there is none, and from the moment it expires. */
  get(owner: string, id: string, now: number): StoredResponse | undefined
  /** The answer and all that it follows from. Earlier ones are there as long as a living one follows them. */
  chain(owner: string, id: string, now: number, maxBytes: number): ResponseChain | undefined
  /** The answer whose output has an item of this id. */
  holderOf(owner: string, itemId: string, now: number): StoredResponse | undefined
  /** Deletes it with its events; false when there is none. */
  delete(owner: string, id: string, now: number): boolean
  /** Those that are queued or in progress, whoever they belong to: after a start, what the last run left behind. */
  unfinished(): StoredResponse[]
}

export interface StoredEvent {
  readonly sequence: number
  /** The event as JSON. */
  readonly data: string
}

/** The event streams of answers that may be read again. */
export interface ResponseEventStore {
  append(owner: string, responseId: string, events: readonly StoredEvent[]): void
  /** Events after this sequence number, in order. */
  after(owner: string, responseId: string, sequence: number, limit: number): StoredEvent[]
}
