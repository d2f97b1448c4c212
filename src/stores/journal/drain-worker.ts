/**
 * The thread that takes the journal into the database on a connection of its own, so that no request ever waits for one. It works
 * when woken, and tries again for as long as the database is locked or the disk full. A bundle must keep this file as an entry.
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { DrainTarget, OpenIntake } from '../intake-source.ts'
import type { JournalPosition } from '../usage-store.ts'
import { Drain } from './drain.ts'
import type { DrainWorkerData, FromDrainWorker, ToDrainWorker } from './drain-messages.ts'
import { messageOf } from './journal-problem.ts'

const firstRetryMs = 50
const lastRetryMs = 5000

const { folder, source, maxEntries } = workerData as DrainWorkerData
let target: (DrainTarget & (Disposable | AsyncDisposable)) | undefined
let drain: Drain | undefined
const wanted: { until: JournalPosition | undefined; stop: boolean } = { until: undefined, stop: false }
let retryMs = firstRetryMs
let failing = false
let running = false
let timer: NodeJS.Timeout | undefined

parentPort?.on('message', (message: ToDrainWorker) => {
  if (message.type === 'stop') wanted.stop = true
  else wanted.until = message.until
  clearTimeout(timer)
  void run()
})

async function run(): Promise<void> {
  if (running) return
  if (wanted.stop) return stop()
  running = true
  try {
    drain ??= await open()
    while (!wanted.stop && wanted.until !== undefined && (await drain.step(wanted.until))) {
      tell({ type: 'progress', position: await drain.position() })
    }
    retryMs = firstRetryMs
    failing = false
  } catch (error) {
    if (!failing)
      tell({
        type: 'problem',
        problem: { kind: 'drain-failed', message: `the journal cannot be stored yet: ${messageOf(error)}` },
      })
    failing = true
    timer = setTimeout(() => void run(), retryMs)
    retryMs = Math.min(retryMs * 2, lastRetryMs)
  } finally {
    running = false
  }
  if (wanted.stop) await stop()
}

async function open(): Promise<Drain> {
  const module = (await import(source.module)) as { readonly openIntake: OpenIntake }
  target = await module.openIntake(source.config)
  return new Drain({ folder, target, maxEntries, onProblem: (problem) => tell({ type: 'problem', problem }) })
}

async function stop(): Promise<void> {
  clearTimeout(timer)
  if (target !== undefined && Symbol.asyncDispose in target) await target[Symbol.asyncDispose]()
  else target?.[Symbol.dispose]()
  parentPort?.close()
}

function tell(message: FromDrainWorker): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort?.postMessage(message)
}
