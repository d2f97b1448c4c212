/**
 * The port that keeps what is known of uploaded files, apart from their bytes. A file has its place before the first of its bytes is
 * written and loses it after the last of them is gone, so whatever a crash leaves half-way is found at the next start. Everything belongs
 * to one client's key, and is there for nobody else.
 */

/** Where the bytes lie: with the gateway, or with the provider that they were sent on to, of which there is a copy then. */
export type FileHome = 'gateway' | 'provider'

export interface StoredFile {
  /** Id of the key; '' where clients need none. */
  readonly owner: string
  readonly id: string
  /** Unix milliseconds. */
  readonly createdAt: number
  /** Undefined for ever. */
  readonly expiresAt?: number
  readonly purpose: string
  /** As the client called it. */
  readonly name: string
  /** Media type. */
  readonly type: string
  readonly bytes: number
  readonly home: FileHome
}

/** The same file with a provider, under the id that the provider gave it. */
export interface FileCopy {
  /** The provider's name in the configuration. */
  readonly provider: string
  /** Which of the provider's accounts has it: files are nobody else's there, either. */
  readonly account: string
  /** The provider's own id. */
  readonly remoteId: string
}

/** A file that is to be taken away, or that never came whole. */
export interface FileLeft extends StoredFile {
  /** How often taking it away has failed. */
  readonly failures: number
}

export interface FileQuery {
  readonly order: 'asc' | 'desc'
  readonly limit: number
  readonly now: number
  readonly purpose?: string
  /** Begins after the file of this id, in the order asked for. */
  readonly after?: string
}

export interface FileUse {
  readonly files: number
  readonly bytes: number
}

export interface FileStore {
  /** Takes a place for a file that is about to come. Nobody sees it yet. */
  begin(file: StoredFile): void
  /** All of it is there: from now on its owner sees it. False when its place was given up meanwhile. */
  complete(file: StoredFile): boolean
  /** Not where it has expired. */
  get(owner: string, id: string, now: number): StoredFile | undefined
  list(owner: string, query: FileQuery): StoredFile[]
  /** What the owner's files take, complete ones alone. */
  use(owner: string): FileUse
  /** Nobody sees it any more, and it is left to be taken away; undefined when there is none. */
  condemn(owner: string, id: string): StoredFile | undefined
  /** The same for what has expired; gives how many there were. */
  condemnExpired(now: number, limit: number): number
  /** At a start: nobody is writing any more, so what is not complete never will be. */
  condemnUnfinished(): number
  /** What is left to be taken away, what failed least first. */
  left(limit: number): FileLeft[]
  /** Taking it away failed once more. */
  failed(id: string): void
  /** Nothing is left of it. */
  forget(id: string): void
  /** A second copy with the same account takes the place of the first. */
  addCopy(id: string, copy: FileCopy): void
  copies(id: string): FileCopy[]
  removeCopy(id: string, copy: FileCopy): void
  /** The file that the provider knows by this id. */
  byCopy(owner: string, provider: string, remoteId: string, now: number): StoredFile | undefined
  /** Every file that has a place, seen or not. */
  isKnown(id: string): boolean
}
