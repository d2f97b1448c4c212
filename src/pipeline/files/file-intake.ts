/**
 * One file on its way in: straight into the store of bytes, under an id that has its place already, and within what its owner may keep. To
 * whoever reads the form it looks like a spool. Nobody sees the file before all about it is known to be right.
 */
import { randomUUID } from 'node:crypto'
import { PassingBytes } from '../../bytes/collect-young.ts'
import { Fault } from '../../model/fault.ts'
import type { FileLimits, Key } from '../../model/key.ts'
import type { BlobStore, BlobWriter } from '../../stores/blob-store.ts'
import type { FileStore } from '../../stores/file-store.ts'

export interface IntakeContext {
  readonly files: FileStore
  readonly blobs: BlobStore
  readonly key: Key | undefined
  readonly owner: string
  readonly limits: Required<FileLimits>
  readonly now: number
}

/** What a form may have beside its file. */
const formAllowance = 1 << 20

export class FileIntake {
  readonly id = `file-${randomUUID().replaceAll('-', '')}`
  readonly #context: IntakeContext
  #writer: BlobWriter | undefined
  #begun = false

  constructor(context: IntakeContext) {
    this.#context = context
  }

  get size(): number {
    return this.#writer?.size ?? 0
  }

  /** `announced`: bytes of the whole form, where they are known. */
  async create(announced: number | undefined) {
    const { files, blobs, owner, limits, now } = this.#context
    const least = Math.max(0, (announced ?? 0) - formAllowance)
    this.#requireRoom(least, files.use(owner))
    files.begin({ owner, id: this.id, createdAt: now, purpose: '', name: '', type: '', bytes: 0, home: 'gateway' })
    this.#begun = true
    const writer = await blobs.create(this.id, announced)
    this.#writer = writer
    const used = files.use(owner).bytes
    const passing = new PassingBytes()
    return {
      get size() {
        return writer.size
      },
      write: async (chunk: Uint8Array): Promise<void> => {
        const size = writer.size + chunk.length
        if (size > limits.maxFileSize) throw this.#tooLarge()
        if (used + size > limits.maxBytes) throw this.#overQuota()
        await writer.write(chunk)
        passing.count(chunk.length)
      },
      finish: () => Promise.resolve(),
      read(): AsyncIterable<Uint8Array> {
        throw new TypeError('a file is read once it is kept')
      },
      pieces: undefined,
      discard: () => undefined,
    }
  }

  /** All of it is safe when this resolves. */
  async commit(): Promise<void> {
    await this.#writer?.commit()
  }

  /** Again, because others may have come in meanwhile. Call it in the same turn as completing the file. */
  requireRoom(): void {
    this.#requireRoom(this.size, this.#context.files.use(this.#context.owner))
  }

  /** Writes no more, and leaves what there is to be taken away; false when nothing was begun. */
  async giveUp(): Promise<boolean> {
    if (!this.#begun) return false
    const { files, owner, now } = this.#context
    await this.#writer?.abort()
    // What never came whole is condemned like any other: for that it has to be a file for a moment, in which nobody can look.
    files.complete({ owner, id: this.id, createdAt: now, purpose: '', name: '', type: '', bytes: 0, home: 'gateway' })
    files.condemn(owner, this.id)
    return true
  }

  #requireRoom(bytes: number, used: { readonly files: number; readonly bytes: number }): void {
    const { limits } = this.#context
    if (bytes > limits.maxFileSize) throw this.#tooLarge()
    if (used.files + 1 > limits.maxFiles || used.bytes + bytes > limits.maxBytes) throw this.#overQuota()
  }

  #tooLarge(): Fault {
    const { maxFileSize } = this.#context.limits
    return new Fault('file_too_large', `The file is larger than ${maxFileSize} bytes, the most that may be uploaded.`, {
      param: 'file',
    })
  }

  #overQuota(): Fault {
    const { key, limits } = this.#context
    const whose = key === undefined ? 'All files together' : `The files of the key "${key.name}"`
    return new Fault(
      'file_quota_exceeded',
      `${whose} may be ${limits.maxFiles}, of ${limits.maxBytes} bytes in all, and this one is too much. Delete some first.`,
    )
  }
}
