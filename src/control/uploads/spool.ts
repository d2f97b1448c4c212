/**
 * The directory that uploads lie in while their request is under way: one file each, which the owner alone can read, gone when the
 * request is over. What a crash leaves behind is swept away at the next start.
 */
import { createReadStream, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { open, statfs } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { PassingBytes } from '../../bytes/collect-young.ts'
import { Fault } from '../../model/fault.ts'

/** The few operations that it works with, so that tests can fill the disk or break it. */
export interface SpoolFiles {
  /** Bytes that may still be written. */
  free(dir: string): Promise<number>
  create(path: string): Promise<Pick<FileHandle, 'writev' | 'close'>>
}

export interface SpooledFile {
  readonly size: number
  write(chunk: Uint8Array): Promise<void>
  /** Nothing is written any more. */
  finish(): Promise<void>
  read(): AsyncIterable<Uint8Array>
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
  create: (path) => open(path, 'wx', 0o600),
}

/** Bytes after which the disk is asked again how much is left. */
const betweenChecks = 16 << 20

/** `reserve`: bytes that uploads leave to others on the disk. */
export function openSpool(dir: string, reserve: number, files: SpoolFiles = disk): Spool {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  for (const left of readdirSync(dir)) rmSync(join(dir, left), { recursive: true, force: true })

  async function requireRoom(bytes: number): Promise<void> {
    if ((await files.free(dir)) - bytes < reserve) throw full()
  }

  return {
    async create(announced) {
      await requireRoom(announced ?? 0)
      const path = join(dir, randomUUID())
      const handle = await writing(files.create(path))
      let size = 0
      let unchecked = 0
      let closed = false
      const written = new PassingBytes()
      const close = async (): Promise<void> => {
        if (closed) return
        closed = true
        await handle.close()
      }
      return {
        get size() {
          return size
        },
        async write(chunk) {
          unchecked += chunk.length
          if (unchecked > betweenChecks) {
            unchecked = 0
            await requireRoom(0)
          }
          const { bytesWritten } = await writing(handle.writev([chunk]))
          if (bytesWritten !== chunk.length) throw full()
          size += chunk.length
          written.count(chunk.length)
        },
        finish: close,
        read: () => readingOf(path),
        discard() {
          rmSync(path, { force: true })
          // What it still held has nowhere to go: an error of closing it tells nobody anything.
          close().catch(() => undefined)
        },
      }
    },
  }
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

const full = (): Fault =>
  new Fault(
    'spool_full',
    'The gateway has no room on its disk for this file at the moment (server.upload_reserve). Try again later, or send a smaller one.',
    { retryAfterMs: 10_000 },
  )
