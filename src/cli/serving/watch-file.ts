/**
 * Notices when a file changes, however it is written: in place, by renaming another file over it as editors do, or by turning a
 * link as orchestrators do. So the folders are watched, and the file itself is looked at.
 */
import { realpathSync, statSync, watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { dirname } from 'node:path'

/** A change counts once the file has looked the same for so long: one that is being written is not read half. */
const settleMs = 100

export function watchFile(path: string, onChange: () => void, onTrouble: (error: Error) => void): Disposable {
  let watchers: FSWatcher[] = []
  let known = fingerprint(path)
  let seen = known
  let timer: NodeJS.Timeout | undefined

  function lookLater(): void {
    seen = fingerprint(path)
    timer = setTimeout(look, settleMs)
    timer.unref()
  }

  function look(): void {
    timer = undefined
    const current = fingerprint(path)
    if (current !== seen) {
      lookLater()
      return
    }
    if (current === known) return
    known = current
    arm()
    onChange()
  }

  /** The folder of the name and that of the file it leads to, which another link may change at any time. */
  function arm(): void {
    disarm()
    for (const folder of new Set([dirname(path), dirname(target(path))])) {
      try {
        // Events of other files in the folder come here, too, perhaps without end: they never put a look off.
        const watcher = watch(folder, { persistent: false }, () => {
          if (timer === undefined) lookLater()
        })
        watcher.on('error', onTrouble)
        watchers.push(watcher)
      } catch (error) {
        onTrouble(error instanceof Error ? error : new Error(String(error)))
      }
    }
  }

  function disarm(): void {
    for (const watcher of watchers) watcher.close()
    watchers = []
  }

  arm()
  return {
    [Symbol.dispose]() {
      clearTimeout(timer)
      disarm()
    },
  }
}

function target(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function fingerprint(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? 'none' : `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`
}
