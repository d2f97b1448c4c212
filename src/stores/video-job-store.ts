/**
 * The port that keeps jobs which make films: which client's they are, where they are being made, and what they will cost. To any other
 * client an id that exists is as unknown as one that does not.
 */
import type { BudgetLimit } from './counter-store.ts'
import type { NanoUsd } from '../model/money.ts'
import type { VideoState } from '../model/video.ts'

/** What the account of it has to say when it is over. */
export interface VideoAccount {
  /** Of the request that ordered it. */
  readonly exchangeId: string
  readonly requestId: string
  readonly key?: { readonly id: string; readonly name: string; readonly budgets: readonly BudgetLimit[] }
  readonly endUser?: string
  readonly modelAsked: string
  readonly route?: string
  /** What a film that is made costs; absent where no price is known. */
  readonly cost?: NanoUsd
  /** Money that is held until then. */
  readonly held: NanoUsd
}

export interface StoredVideo {
  /** Id of the key; '' where clients need none. */
  readonly owner: string
  /** As the client was told it. */
  readonly id: string
  /** Unix milliseconds, here and below. */
  readonly createdAt: number
  /** The deployment that makes it, and which of the provider's credentials. */
  readonly deployment: string
  readonly credential?: number
  /** Id of the dialect that it was ordered in. */
  readonly dialect: string
  readonly remoteId: string
  readonly prompt: string
  readonly seconds: number
  readonly size: string
  readonly remixedFrom?: string
  readonly state: VideoState
  readonly completedAt?: number
  /** When it is asked about next; absent when it is over. */
  readonly dueAt?: number
  readonly account: VideoAccount
}

export interface VideoPage {
  readonly limit: number
  readonly order: 'asc' | 'desc'
  /** The id after which it begins. */
  readonly after?: string
}

export interface VideoJobStore {
  /** Writes the job, in place of an earlier state of it. */
  put(video: StoredVideo): void
  get(owner: string, id: string): StoredVideo | undefined
  /** By the time of their making, one more than the limit where there are more; undefined where `after` is no job of the owner. */
  list(owner: string, page: VideoPage): StoredVideo[] | undefined
  /** False when there is none. */
  delete(owner: string, id: string): boolean
  /** Those that are to be asked about by then, the longest overdue first, whoever they belong to. */
  due(now: number, limit: number): StoredVideo[]
  /** When the next one is due. */
  nextDue(): number | undefined
  /** All that are not over. */
  unfinished(): StoredVideo[]
  /** Forgets those that are over and older than that; says how many. */
  forget(createdBefore: number): number
}
