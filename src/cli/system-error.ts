/** What the operating system or the database refused, in words: files that may not be written, ports that are taken. */
import { primaryCode } from '../stores/drivers/sqlite/errors.ts'

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file is in the way',
  EISDIR: 'is a directory',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this machine',
  EIO: 'the disk failed',
  ENAMETOOLONG: 'a name in the path is too long',
}

/** Of SQLite, by its primary result codes: https://www.sqlite.org/rescode.html */
const databaseReasons: Readonly<Record<number, string>> = {
  5: 'the database is in use by another process, which did not let go of it',
  6: 'a table of the database is in use by another process',
  8: 'the database may not be written',
  10: 'the disk failed',
  11: 'the database is damaged',
  13: 'no space is left on the disk',
  14: 'the database cannot be opened',
  26: 'the file is no database',
}

/** Undefined when it is not an error of the operating system that this knows. */
export function systemErrorText(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  if (error.code === 'ERR_SQLITE_ERROR') return databaseReasons[primaryCode(error) ?? 0]
  // A folder that is there, in which nothing can be: /proc and its like.
  const unmakeable = error.code === 'ENOENT' && 'syscall' in error && error.syscall === 'mkdir'
  const reason = unmakeable ? 'nothing can be made there' : reasons[error.code]
  if (reason === undefined) return undefined
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined
  return path === undefined ? reason : `${path}: ${reason}`
}

/** Why an address could not be listened on, and what to do about it; undefined for other errors. */
export function listenErrorText(
  error: unknown,
  host: string,
  port: number,
): { readonly message: string; readonly hint: string } | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'EADDRINUSE':
      return {
        message: `port ${port} of ${host} is in use by another program`,
        hint: 'stop that program, or choose another port with --port or server.port',
      }
    case 'EADDRNOTAVAIL':
      return { message: `${host} is no address of this machine`, hint: 'choose another with --host or server.host' }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { message: `the name ${host} leads to no address`, hint: 'choose an address with --host or server.host' }
    case 'EACCES':
      return { message: `port ${port} may not be listened on by this user`, hint: 'choose a port above 1023' }
    default:
      return undefined
  }
}
