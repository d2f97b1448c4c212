/**
 * The contract of what providers keep for an account beside models: files, and jobs that tune models. Like dialects it does no I/O: it
 * tells calls and reads their answers, and others make them. Paths are below the provider's base URL.
 */
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { FineTuneCheckpoint, FineTuneEvent, FineTuneState } from '../model/fine-tune.ts'

export interface AccountCall {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: JsonObject
  /** In place of `body`: the fields of a form; where the file is to stand, `uploadedFile`. */
  readonly form?: Readonly<Record<string, string>>
}

/** How a service is asked which of several models a request is for. */
export interface AdviserCalls {
  select(question: {
    readonly text: string
    /** As the service names models: `openai/gpt-4o`. */
    readonly candidates: readonly string[]
    readonly tradeoff?: 'cost' | 'latency'
  }): AccountCall
  /** One of the candidates, as it was named; undefined for an answer that names none. */
  readChoice(answer: JsonObject): string | undefined
}

/** Stands in a form for the file that is being sent. */
export const uploadedFile = '\u0000file'

export interface FileToSend {
  /** The gateway's own id of it. */
  readonly id: string
  readonly name: string
  readonly bytes: number
  /** In OpenAI's words. */
  readonly purpose: string
}

export interface FileCalls {
  /** Whether the documentation that the provider lists tells these paths. */
  readonly verified: boolean
  /** Purposes that it takes, in its own words; all as they are where none are told. */
  readonly purposes?: Readonly<Record<string, string>>
  /** Bytes of the largest file that it takes in this way. */
  readonly largest?: number
  /** One after the other. `id`: what it is called from then on, where the last answer does not tell. */
  upload(file: FileToSend): { readonly calls: readonly AccountCall[]; readonly id?: string }
  /** Of the last answer; undefined for one that tells none. */
  readId(answer: JsonObject): string | undefined
  /** Absent where it does not give files back. */
  content?(id: string): AccountCall
  remove(id: string): AccountCall
}

export interface FineTuneRequest {
  /** The gateway's own id of the job. */
  readonly id: string
  /** The provider's own name of the model. */
  readonly model: string
  /** The provider's own ids of the files. */
  readonly training: string
  readonly validation?: string
  readonly suffix?: string
  readonly seed?: number
  /** As the client wrote them, whole objects of the right kind; both may tell hyperparameters. */
  readonly method?: JsonObject
  readonly hyperparameters?: JsonObject
  readonly integrations?: JsonValue[]
  readonly metadata?: JsonObject
}

export interface EventPage {
  readonly limit: number
  readonly after?: string
}

export interface EventList {
  /** Newest first. */
  readonly events: readonly FineTuneEvent[]
  /** Whether there are more behind the page that was asked for; undefined where these are all there are. */
  readonly hasMore?: boolean
}

export interface CheckpointList {
  /** Newest first. */
  readonly checkpoints: readonly FineTuneCheckpoint[]
  readonly hasMore?: boolean
}

export interface FineTuneCalls {
  readonly verified: boolean
  /** Throws a Fault (`not_expressible`) for what the service has no words for. */
  create(request: FineTuneRequest): AccountCall
  /** Of the answers to `create`, `state`, `cancel`, `pause` and `resume`; undefined for one that is no job. */
  readJob(answer: JsonObject): { readonly id: string; readonly state: FineTuneState } | undefined
  state(id: string): AccountCall
  cancel?(id: string): AccountCall
  pause?(id: string): AccountCall
  resume?(id: string): AccountCall
  events(id: string, page: EventPage): AccountCall
  readEvents(answer: JsonObject): EventList
  /** Absent where it keeps none. */
  checkpoints?(id: string, page: EventPage): AccountCall
  readCheckpoints?(answer: JsonObject): CheckpointList
}
