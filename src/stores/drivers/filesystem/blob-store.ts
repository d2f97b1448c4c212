/**
 * Blobs as files of a directory, which its owner alone can read. What comes in lies in `incoming` until all of it is on the disk, and is
 * then renamed: a crash leaves either the whole blob or something that the next start sweeps away.
 */
import { createReadStream, mkdirSync, open as openFile, readdirSync, rmSync } from 'node:fs'
import { readdir, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PassingBytes } from '../../../bytes/collect-young.ts'
import { createOutputFile, syncFolder } from '../../../bytes/output-file.ts'
import type { OutputFile } from '../../../bytes/output-file.ts'
import { Fault } from '../../../model/fault.ts'
import type { BlobStore, BlobWriter } from '../../blob-store.ts'

/** The few operations that tests fill the disk or break it with. */
export interface BlobFiles {
  /** Bytes that may still be written. */
  free(dir: string): Promise<number>
  create(path: string): Promise<OutputFile>
}

const disk: BlobFiles = {
  async free(dir) {
    const { bavail, bsize } = await statfs(dir)
    return bavail * bsize
  },
  create: createOutputFile,
}

/** Bytes after which the disk is asked again how much is left. */
const betweenChecks = 16 << 20

/** `reserve`: bytes that files leave to others on the disk. */
export function filesystemBlobStore(dir: string, reserve: number, files: BlobFiles = disk): BlobStore {
  const incoming = join(dir, 'incoming')
  const content = join(dir, 'content')
  for (const each of [incoming, content]) mkdirSync(each, { recursive: true, mode: 0o700 })
  for (const left of readdirSync(incoming)) rmSync(join(incoming, left), { recursive: true, force: true })

  async function requireRoom(bytes: number): Promise<void> {
    if ((await files.free(dir)) - bytes < reserve) throw full()
  }

  return {
    async create(id, announced) {
      await requireRoom(announced ?? 0)
      const path = join(incoming, id)
      const handle = await writing(files.create(path))
      return new FileWriter(handle, { path, target: join(content, id), folder: content, requireRoom })
    },
    async read(id, range) {
      const fd = await openToRead(join(content, id)).catch((error: unknown) => {
        if (isMissing(error)) return undefined
        throw error
      })
      if (fd === undefined) return undefined
      // Closes it however the reading ends.
      return contentOf(
        createReadStream('', { fd, ...(range !== undefined && { start: range.start, end: range.end - 1 }) }),
      )
    },
    async remove(id) {
      await Promise.all([rm(join(incoming, id), { force: true }), rm(join(content, id), { force: true })])
    },
    async sweep(isKnown) {
      for (const id of await readdir(content)) if (!isKnown(id)) await rm(join(content, id), { force: true })
    },
  }
}

interface Place {
  readonly path: string
  readonly target: string
  readonly folder: string
  requireRoom(bytes: number): Promise<void>
}

class FileWriter implements BlobWriter {
  readonly #handle: OutputFile
  readonly #place: Place
  #size = 0
  #unchecked = 0
  #closed = false

  constructor(handle: OutputFile, place: Place) {
    this.#handle = handle
    this.#place = place
  }

  get size(): number {
    return this.#size
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#unchecked += chunk.length
    if (this.#unchecked > betweenChecks) {
      this.#unchecked = 0
      await this.#place.requireRoom(0)
    }
    const { bytesWritten } = await writing(this.#handle.writev([chunk]))
    if (bytesWritten !== chunk.length) throw full()
    this.#size += chunk.length
  }

  async commit(): Promise<void> {
    const { path, target, folder } = this.#place
    await writing(this.#handle.sync())
    await this.#close()
    await rename(path, target)
    // A name is safe when the directory that has it is.
    await syncFolder(folder)
  }

  async abort(): Promise<void> {
    await rm(this.#place.path, { force: true }).catch(() => undefined)
    // What it still held has nowhere to go: an error of closing it tells nobody anything.
    await this.#close().catch(() => undefined)
  }

  async #close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#handle.close()
  }
}

/** By its number, because a handle that nobody got to close would end the process. */
const openToRead = (path: string): Promise<number> => promisify(openFile)(path, 'r')

/** The file is open by now, so its bytes are there until the last reader has them, whatever becomes of its name. */
async function* contentOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const read = new PassingBytes()
  for await (const chunk of bytes) {
    yield chunk
    read.count(chunk.length)
  }
}

async function writing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) throw full()
    throw error
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

const full = (): Fault =>
  new Fault(
    'spool_full',
    'The gateway has no room on its disk for this file at the moment (server.upload_reserve). Try again later, or send a smaller one.',
    { retryAfterMs: 10_000 },
  )
