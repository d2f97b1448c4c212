/**
 * Where log lines go: into a fixed block of memory that is handed to the system when it is full or a moment has passed. Writing a
 * line is a copy, and leaves nothing behind for the garbage collector. When nobody reads, lines are dropped and counted, not kept.
 */
import { write, writeSync } from 'node:fs'

const longestFlushMs = 1000
const busyRetryMs = 10

export interface LineOutputOptions {
  /** File descriptor. */
  readonly fd: number
  /** The longest that a line is held back, in milliseconds. */
  readonly flushEveryMs: number
  /** Bytes of one block; two of them at most are kept. */
  readonly blockBytes?: number
}

export class LineOutput {
  readonly #fd: number
  readonly #flushEveryMs: number
  readonly #blockBytes: number
  #block: Buffer
  #used = 0
  /** What is being written at the moment, and how much of it has been. */
  #writing: { readonly bytes: Buffer; done: number } | undefined
  #timer: NodeJS.Timeout | undefined
  #dropped = 0

  constructor({ fd, flushEveryMs, blockBytes = 1 << 18 }: LineOutputOptions) {
    this.#fd = fd
    this.#flushEveryMs = flushEveryMs
    this.#blockBytes = blockBytes
    this.#block = Buffer.allocUnsafe(blockBytes)
  }

  /** Lines that nobody took. */
  get dropped(): number {
    return this.#dropped
  }

  /** Takes one or more whole lines, line feed included. */
  write(line: string): void {
    const most = line.length * 3
    if (this.#used + most > this.#blockBytes && this.#used + Buffer.byteLength(line) > this.#blockBytes) {
      this.#hand()
      if (this.#used + Buffer.byteLength(line) > this.#blockBytes) {
        this.#dropped += 1
        return
      }
    }
    this.#used += this.#block.write(line, this.#used)
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#hand()
    }, this.#flushEveryMs).unref()
  }

  /** Writes everything that is held back, before it returns. Lines that were being written at the moment may come twice. */
  flushSync(): void {
    if (this.#writing !== undefined) {
      const { bytes, done } = this.#writing
      this.#writing = undefined
      this.#writeNow(bytes.subarray(done))
    }
    this.#writeNow(this.#block.subarray(0, this.#used))
    this.#used = 0
  }

  #writeNow(bytes: Buffer): void {
    const giveUpAt = performance.now() + longestFlushMs
    for (let at = 0; at < bytes.length;) {
      try {
        at += writeSync(this.#fd, bytes, at)
      } catch (error) {
        // A full pipe says so; its reader may still come, but is not waited for without end.
        if (!isBusy(error) || performance.now() > giveUpAt) {
          this.#dropped += 1
          return
        }
      }
    }
  }

  #hand(): void {
    if (this.#writing !== undefined || this.#used === 0) return
    this.#writing = { bytes: this.#block.subarray(0, this.#used), done: 0 }
    this.#block = Buffer.allocUnsafe(this.#blockBytes)
    this.#used = 0
    this.#writeOn()
  }

  #writeOn(): void {
    const writing = this.#writing
    if (writing === undefined) return
    write(this.#fd, writing.bytes, writing.done, (error, count) => {
      // A synchronous flush may have finished it meanwhile.
      if (this.#writing !== writing) return
      if (isBusy(error)) {
        setTimeout(() => this.#writeOn(), busyRetryMs).unref()
        return
      }
      if (error === null) writing.done += count
      else this.#dropped += 1
      if (error === null && writing.done < writing.bytes.length) {
        this.#writeOn()
        return
      }
      this.#writing = undefined
      if (this.#used > this.#blockBytes / 2) this.#hand()
    })
  }
}

const isBusy = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EAGAIN'
