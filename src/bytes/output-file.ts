/**
 * A new file that is written from its beginning, by its number rather than through a `FileHandle`: one that nobody got to close is a number
 * too many, while Node ends the whole process over such a handle.
 */
import { close, fsync, open, writev } from 'node:fs'
import { promisify } from 'node:util'

export interface OutputFile {
  /** May write less than it is given. */
  writev(chunks: readonly Uint8Array[]): Promise<{ readonly bytesWritten: number }>
  sync(): Promise<void>
  close(): Promise<void>
}

const openFile = promisify(open)
const closeFile = promisify(close)
const syncFile = promisify(fsync)

/** The file must not exist; its owner alone can read it. */
export async function createOutputFile(path: string): Promise<OutputFile> {
  const fd = await openFile(path, 'wx', 0o600)
  return {
    writev: (chunks) =>
      new Promise((resolve, reject) => {
        writev(fd, chunks, (error, bytesWritten) => {
          if (error === null) resolve({ bytesWritten })
          else reject(error)
        })
      }),
    sync: () => syncFile(fd),
    close: () => closeFile(fd),
  }
}

/** Makes the names in a directory durable. */
export async function syncFolder(path: string): Promise<void> {
  const fd = await openFile(path, 'r')
  try {
    await syncFile(fd)
  } finally {
    await closeFile(fd)
  }
}
