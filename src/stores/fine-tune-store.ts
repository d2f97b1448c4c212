/**
 * The port that keeps jobs which tune models: which client's they are, where they run, and the models that came of them. To any other
 * client an id that exists is as unknown as one that does not.
 */
import type { FineTuneState } from '../model/fine-tune.ts'
import type { JsonObject } from '../model/json.ts'

export interface StoredFineTune {
  /** Id of the key; '' where clients need none. */
  readonly owner: string
  /** As the client was told it. */
  readonly id: string
  /** Unix milliseconds, here and below. */
  readonly createdAt: number
  /** Name of the provider in the configuration, and which of its accounts. */
  readonly provider: string
  readonly account: string
  readonly remoteId: string
  /** As the client asked for it. */
  readonly model: string
  /** The gateway's own ids. */
  readonly trainingFile: string
  readonly validationFile?: string
  /** What the client asked for beside those, for showing it. */
  readonly asked: JsonObject
  readonly state: FineTuneState
  /** Of the result files of the state, by the provider's ids: the gateway's own. */
  readonly resultFiles: Readonly<Record<string, string>>
  /** Provider's names of models that came of it: the tuned one, and those of its checkpoints. */
  readonly models: readonly string[]
  /** When it is asked about next; absent when it is over. */
  readonly dueAt?: number
}

export interface FineTunePage {
  readonly limit: number
  /** The id after which it begins, newest first. */
  readonly after?: string
}

export interface FineTuneStore {
  /** Writes the job, in place of an earlier state of it. */
  put(job: StoredFineTune): void
  get(owner: string, id: string): StoredFineTune | undefined
  /** Newest first, one more than the limit where there are more; undefined where `after` is no job of the owner. */
  list(owner: string, page: FineTunePage): StoredFineTune[] | undefined
  /** Those that are to be asked about by then, the longest overdue first, whoever they belong to. */
  due(now: number, limit: number): StoredFineTune[]
  nextDue(): number | undefined
  /** All jobs that models came of. */
  withModels(): StoredFineTune[]
}
