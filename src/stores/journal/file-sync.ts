/** Brings files to the disk off the event loop, at most one operation on a file at a time, and knows when all of them are done. */
import type { JournalFiles } from './journal-files.ts'

type Done = (error: Error | null) => void

export class FileSync {
  readonly #files: JournalFiles
  readonly #onResult: Done
  readonly #busy = new Set<number | string>()
  #waiting: (() => void)[] = []

  /** `onResult` hears of every sync that ended. */
  constructor(files: JournalFiles, onResult: Done) {
    this.#files = files
    this.#onResult = onResult
  }

  isBusy(fd: number): boolean {
    return this.#busy.has(fd)
  }

  /** Syncs a file that no sync is under way for. */
  sync(fd: number, then: () => void): void {
    this.#run(fd, (done) => this.#files.sync(fd, done), then)
  }

  /** Makes names of new files in a folder durable. */
  syncFolder(path: string): void {
    if (this.#busy.has(path)) this.#waiting.push(() => this.syncFolder(path))
    else this.#run(path, (done) => this.#files.syncFolder(path, done))
  }

  /** Syncs and closes a file that gets no more lines. */
  retire(fd: number): void {
    if (this.#busy.has(fd)) {
      this.#waiting.push(() => this.retire(fd))
      return
    }
    this.sync(fd, () => {
      try {
        this.#files.close(fd)
      } catch (error) {
        this.#onResult(error instanceof Error ? error : new Error(String(error)))
      }
    })
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#busy.size > 0) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    }
  }

  #run(id: number | string, start: (done: Done) => void, then?: () => void): void {
    this.#busy.add(id)
    start((error) => {
      this.#busy.delete(id)
      this.#onResult(error)
      then?.()
      const waiting = this.#waiting
      this.#waiting = []
      for (const resume of waiting) resume()
    })
  }
}
