/**
 * Takes away, now and then, what has expired, what was deleted and could not be taken away at once, and what a crash left half-way. What
 * fails again and again is tried more and more seldom, and given up in the end.
 */
import type { Clock, Timer } from '../../kernel/clock.ts'
import { asFault } from '../../model/fault.ts'
import type { FileStore } from '../../stores/file-store.ts'
import type { FileKeeper } from './file-keeper.ts'

export interface FileSweepContext {
  readonly clock: Clock
  readonly files: FileStore
  readonly keeper: Pick<FileKeeper, 'takeAway'>
  readonly onProblem: (fileId: string, problem: string) => void
}

/** Milliseconds between two sweeps, and before the first. */
const pause = 60_000
const firstPause = 250
const batch = 50
/** Sweeps between two trials of what has failed often. */
const mostSkipped = 256
/** Some three days of trying. */
const mostFailures = 24

export function startFileSweep({ clock, files, keeper, onProblem }: FileSweepContext): Disposable {
  let timer: Timer = clock.after(firstPause, run)
  let sweeps = 0
  let over = false

  function run(): void {
    sweep()
      .catch((error: unknown) => onProblem('', asFault(error).message))
      .finally(() => {
        if (!over) timer = clock.after(pause, run)
      })
  }

  async function sweep(): Promise<void> {
    files.condemnExpired(clock.now(), batch)
    for (const { id, failures } of files.left(batch)) {
      if (over) return
      if (sweeps % Math.min(2 ** failures, mostSkipped) === 0) await keeper.takeAway({ id }, failures >= mostFailures)
    }
    sweeps += 1
  }

  return {
    [Symbol.dispose]() {
      over = true
      timer.cancel()
    },
  }
}
