/** What the main thread and the drain worker say to each other. */
import type { IntakeSource } from '../intake-source.ts'
import type { JournalPosition } from '../usage-store.ts'
import type { JournalProblem } from './journal-problem.ts'

export interface DrainWorkerData {
  /** The folder of the segments. */
  readonly folder: string
  readonly source: IntakeSource
  readonly maxEntries: number
}

export type ToDrainWorker =
  /** There is something to take in before `until`. */
  { readonly type: 'wake'; readonly until: JournalPosition } | { readonly type: 'stop' }

export type FromDrainWorker =
  | { readonly type: 'progress'; readonly position: JournalPosition }
  | { readonly type: 'problem'; readonly problem: JournalProblem }
