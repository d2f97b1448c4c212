/** The few file operations that the journal writes with, as a port, so that tests can fill the disk or break it. */
import {
  close as closeFile,
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fsync,
  open,
  openSync,
  writeSync,
} from 'node:fs'

export interface JournalFiles {
  /** Creates a file that must not exist, for appending; returns its descriptor. */
  create(path: string): number
  /** Appends and returns how many bytes were written, perhaps fewer than given. */
  write(fd: number, data: Uint8Array): number
  /** Brings the file's data to the disk, off the event loop. */
  sync(fd: number, done: (error: Error | null) => void): void
  /** The same, and waits for it. */
  syncNow(fd: number): void
  /** Makes the names of new files in a folder durable, off the event loop. */
  syncFolder(path: string, done: (error: Error | null) => void): void
  close(fd: number): void
}

export const nodeFiles: JournalFiles = {
  create: (path) =>
    openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND, 0o600),
  write: (fd, data) => writeSync(fd, data),
  sync: fdatasync,
  syncNow: fdatasyncSync,
  syncFolder(path, done) {
    open(path, constants.O_RDONLY, (error, fd) => {
      if (error) return done(error)
      fsync(fd, (syncError) => closeFile(fd, (closeError) => done(syncError ?? closeError ?? null)))
    })
  },
  close: closeSync,
}
