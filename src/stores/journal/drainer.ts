/** The main thread's side of the drain worker: wakes it when the journal has grown, knows how far it is, and starts it again if it dies. */
import { Worker } from 'node:worker_threads'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { IntakeSource } from '../intake-source.ts'
import type { JournalPosition } from '../usage-store.ts'
import type { DrainWorkerData, FromDrainWorker, ToDrainWorker } from './drain-messages.ts'
import type { Journal } from './journal.ts'
import { messageOf } from './journal-problem.ts'
import type { OnProblem } from './journal-problem.ts'
import { comparePositions, journalFolder } from './segments.ts'

export interface DrainerOptions {
  /** The data directory. */
  readonly dir: string
  readonly journal: Journal
  /** How far the store had read when the journal was opened. */
  readonly position: JournalPosition
  readonly source: IntakeSource
  readonly clock: Clock
  readonly onProblem: OnProblem
  /** Called after each batch: everything before the position is in the store. */
  readonly onProgress?: (position: JournalPosition) => void
  /** The least time between two wakings, in milliseconds. */
  readonly wakeEveryMs?: number
  readonly maxEntries?: number
}

const firstRestartMs = 20
/** Lines to a batch, and so to a commit: each commit waits for the disk, while a chunk of the journal has few more lines than this. */
const usualEntries = 2000
const lastRestartMs = 10_000

export function startDrainer(options: DrainerOptions): Drainer {
  return new Drainer(options)
}

export class Drainer implements AsyncDisposable {
  readonly #options: DrainerOptions
  #position: JournalPosition
  #worker: Worker | undefined
  #wakeTimer: Timer | undefined
  #restartTimer: Timer | undefined
  #restartMs = firstRestartMs
  #waiting: { readonly until: JournalPosition; readonly resolve: () => void }[] = []
  #closing: Promise<void> | undefined

  constructor(options: DrainerOptions) {
    this.#options = options
    this.#position = options.position
    this.#start()
    options.journal.onGrowth(() => this.#wakeSoon())
  }

  /** How far the store has read. */
  position(): JournalPosition {
    return this.#position
  }

  /** Bytes of the journal that the store has not read yet. */
  lagBytes(): number {
    return this.#options.journal.bytesAfter(this.#position)
  }

  /** Resolves when the store has read all that is in the journal now. Waits for as long as the store takes nothing. */
  drained(): Promise<void> {
    const until = this.#options.journal.end()
    if (comparePositions(this.#position, until) >= 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.push({ until, resolve })
      this.#worker?.ref()
      this.#wake()
    })
  }

  /** Ends the worker, after the journal is drained or `timeoutMs` have passed: what is left is taken in after the next start. */
  close(timeoutMs = 10_000): Promise<void> {
    this.#closing ??= this.#close(timeoutMs)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(timeoutMs: number): Promise<void> {
    await this.#within(timeoutMs, this.drained())
    this.#wakeTimer?.cancel()
    this.#restartTimer?.cancel()
    const worker = this.#worker
    if (worker === undefined) return
    this.#worker = undefined
    worker.ref()
    const gone = new Promise<void>((resolve) => {
      worker.once('exit', () => resolve())
    })
    tell(worker, { type: 'stop' })
    // A worker in the middle of a commit may take a moment; one that hangs is ended: the commit then never happened.
    if (!(await this.#within(timeoutMs, gone))) await worker.terminate()
  }

  /** Whether the promise was kept in time. */
  async #within(timeoutMs: number, promise: Promise<void>): Promise<boolean> {
    let timer: Timer | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = this.#options.clock.after(timeoutMs, () => resolve(false))
    })
    try {
      return await Promise.race([promise.then(() => true), late])
    } finally {
      timer?.cancel()
    }
  }

  #start(): void {
    const { dir, source, maxEntries } = this.#options
    const name = import.meta.url.endsWith('.ts') ? './drain-worker.ts' : './drain-worker.js'
    const worker = new Worker(new URL(name, import.meta.url), {
      name: 'drain',
      workerData: {
        folder: journalFolder(dir),
        source,
        maxEntries: maxEntries ?? usualEntries,
      } satisfies DrainWorkerData,
      execArgv: [],
      // Batches are small, and an idle gateway should be too.
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 },
    })
    worker.unref()
    worker.on('message', (message: FromDrainWorker) => this.#hear(message))
    worker.on('error', (error) => {
      this.#options.onProblem({
        kind: 'drain-crashed',
        message: `the thread that stores the journal failed: ${messageOf(error)}`,
      })
    })
    worker.on('exit', () => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      this.#restartTimer = this.#options.clock.after(this.#restartMs, () => this.#start())
      this.#restartMs = Math.min(this.#restartMs * 2, lastRestartMs)
    })
    this.#worker = worker
    if (this.#waiting.length > 0) worker.ref()
    this.#wake()
  }

  #hear(message: FromDrainWorker): void {
    if (message.type === 'problem') return this.#options.onProblem(message.problem)
    this.#restartMs = firstRestartMs
    this.#position = message.position
    this.#options.journal.takenIn(message.position)
    this.#options.onProgress?.(message.position)
    const reached = this.#waiting.filter(({ until }) => comparePositions(message.position, until) >= 0)
    if (reached.length === 0) return
    this.#waiting = this.#waiting.filter((waiting) => !reached.includes(waiting))
    if (this.#waiting.length === 0) this.#worker?.unref()
    for (const { resolve } of reached) resolve()
  }

  #wakeSoon(): void {
    this.#wakeTimer ??= this.#options.clock.after(this.#options.wakeEveryMs ?? 250, () => this.#wake())
  }

  #wake(): void {
    this.#wakeTimer?.cancel()
    this.#wakeTimer = undefined
    if (this.#worker !== undefined) tell(this.#worker, { type: 'wake', until: this.#options.journal.end() })
  }
}

function tell(worker: Worker, message: ToDrainWorker): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  worker.postMessage(message)
}
