/**
 * Where uploads lie while their request is under way: small ones in memory, as any other body does, and all others in a directory, one file
 * each, which the owner alone can read, gone when the request is over. What a crash leaves behind is swept away at the next start.
 */
import { createReadStream, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { PassingBytes } from '../../bytes/collect-young.ts'
import { createOutputFile } from '../../bytes/output-file.ts'
import type { OutputFile } from '../../bytes/output-file.ts'
import { Fault } from '../../model/fault.ts'

/** The few operations that it works with, so that tests can fill the disk or break it. */
export interface SpoolFiles {
  /** Bytes that may still be written. */
  free(dir: string): Promise<number>
  create(path: string): Promise<Pick<OutputFile, 'writev' | 'close'>>
}

export interface SpooledFile {
  readonly size: number
  /** Undefined when it is done at once. Nothing else may be written before it is done. */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** Nothing is written any more. */
  finish(): Promise<void>
  read(): AsyncIterable<Uint8Array>
  /** All of it, where it is in memory. */
  readonly pieces: readonly Uint8Array[] | undefined
  /** May be called at any time, and again. */
  discard(): void
}

export interface Spool {
  /** `announced`: bytes that are to come, where they are known. */
  create(announced: number | undefined): Promise<SpooledFile>
}

const disk: SpoolFiles = {
  async free(dir) {
    const { bavail, bsize } = await statfs(dir)
    return bavail * bsize
  },
  create: createOutputFile,
}

/** Bytes after which the disk is asked again how much is left. */
const betweenChecks = 16 << 20

/** Bytes of an upload that are held in memory: short recordings and most pictures. */
const usualInMemory = 1 << 20

/** `reserve`: bytes that uploads leave to others on the disk. */
export function openSpool(
  dir: string,
  reserve: number,
  files: SpoolFiles = disk,
  inMemory: number = usualInMemory,
): Spool {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  for (const left of readdirSync(dir)) rmSync(join(dir, left), { recursive: true, force: true })

  async function requireRoom(bytes: number): Promise<void> {
    if ((await files.free(dir)) - bytes < reserve) throw full()
  }

  return {
    async create(announced) {
      if (announced !== undefined && announced > inMemory) await requireRoom(announced)
      return new Spooled(dir, files, inMemory, requireRoom)
    },
  }
}

type Handle = Pick<OutputFile, 'writev' | 'close'>

class Spooled implements SpooledFile {
  readonly #path: string
  readonly #files: SpoolFiles
  readonly #inMemory: number
  readonly #requireRoom: (bytes: number) => Promise<void>
  readonly #written = new PassingBytes()
  /** All of it, as long as that is little. */
  #held: Uint8Array[] = []
  #handle: Handle | undefined
  /** There is a file, or was going to be one. */
  #onDisk = false
  #size = 0
  #unchecked = 0
  #discarded = false

  constructor(dir: string, files: SpoolFiles, inMemory: number, requireRoom: (bytes: number) => Promise<void>) {
    this.#path = join(dir, randomUUID())
    this.#files = files
    this.#inMemory = inMemory
    this.#requireRoom = requireRoom
  }

  get size(): number {
    return this.#size
  }

  get pieces(): readonly Uint8Array[] | undefined {
    return this.#held.length > 0 ? this.#held : undefined
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#onDisk || this.#size + chunk.length > this.#inMemory) return this.#writeOut(chunk)
    this.#held.push(chunk)
    this.#size += chunk.length
    return undefined
  }

  async #writeOut(chunk: Uint8Array): Promise<void> {
    if (this.#handle === undefined) {
      this.#onDisk = true
      await this.#requireRoom(this.#size)
      this.#handle = await writing(this.#files.create(this.#path))
      if (this.#discarded) {
        this.discard()
        throw givenUp()
      }
    }
    this.#unchecked += chunk.length
    if (this.#unchecked > betweenChecks) {
      this.#unchecked = 0
      await this.#requireRoom(0)
    }
    const chunks = [...this.#held.splice(0), chunk]
    const bytes = chunks.reduce((sum, { length }) => sum + length, 0)
    const { bytesWritten } = await writing(this.#handle.writev(chunks))
    if (bytesWritten !== bytes) throw full()
    this.#size += chunk.length
    this.#written.count(chunk.length)
  }

  async finish(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  read(): AsyncIterable<Uint8Array> {
    return this.#held.length > 0 || this.#size === 0 ? piecesOf(this.#held) : readingOf(this.#path)
  }

  discard(): void {
    this.#discarded = true
    if (this.#onDisk) rmSync(this.#path, { force: true })
    // What it still held has nowhere to go: an error of closing it tells nobody anything.
    this.finish().catch(() => undefined)
  }
}

/** Handed out as they are kept: the same list for whoever reads it next. */
async function* piecesOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}

async function* readingOf(path: string): AsyncGenerator<Uint8Array> {
  const read = new PassingBytes()
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
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

const givenUp = (): Fault => new Fault('client_gone', 'Nobody waits for the file any more.')

const full = (): Fault =>
  new Fault(
    'spool_full',
    'The gateway has no room on its disk for this file at the moment (server.upload_reserve). Try again later, or send a smaller one.',
    { retryAfterMs: 10_000 },
  )
