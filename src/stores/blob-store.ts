/**
 * The port that keeps the bytes of files, by the ids of the files. What is half-written is not there: a blob can be read once it was
 * committed, and then to its end even when it is deleted meanwhile.
 */

export interface BlobWriter {
  /** Bytes written so far. */
  readonly size: number
  /** Resolves when more may be written. Throws a Fault when there is no room or the store fails. */
  write(chunk: Uint8Array): Promise<void>
  /** All of it is safe when this resolves. */
  commit(): Promise<void>
  /** Leaves nothing of it; may be called at any time, and never throws. */
  abort(): Promise<void>
}

/** Offsets of the first byte and the one behind the last. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

export interface BlobStore {
  /** `announced`: bytes that are to come, where they are known. */
  create(id: string, announced: number | undefined): Promise<BlobWriter>
  /** Undefined when there is no such blob. Once it resolves, deleting the blob does no harm to its reader. */
  read(id: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array> | undefined>
  /** Takes away whatever there is of it, half-written pieces of an earlier run included. None is no error. */
  remove(id: string): Promise<void>
  /** Takes away what no id leads to, where the store can have such; for the start. */
  sweep(isKnown: (id: string) => boolean): Promise<void>
}
