/** Ids of exchanges: unique for ever and ordered by time, so that records can be listed by them. */
import { randomBytes } from 'node:crypto'

const timeAt = 'ex_'.length
const counterAt = timeAt + 9
/** An id as bytes, in which only what changes is written anew. Added up as texts it would be a tree of parts: see `flatText`. */
const id = Buffer.from(`ex_${'0'.repeat(9 + 4)}${randomBytes(6).toString('hex')}`)
const digits = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz')
let lastAt = 0
let counter = 0
let writtenAt = 0

/** The time, written once in a millisecond. */
function writeTime(at: number): void {
  if (at === writtenAt) return
  writtenAt = at
  id.write(at.toString(36).padStart(9, '0'), timeAt, 'latin1')
}

function writeCounter(): void {
  for (let place = 3, rest = counter; place >= 0; place -= 1, rest = Math.floor(rest / 36))
    id[counterAt + place] = digits[rest % 36] as number
}

/** `ex_` + 9 digits of time (base 36) + 4 of a counter within it + the process's own tag. */
export function nextExchangeId(at: number): string {
  // A clock that is set back must not give an id twice.
  if (at > lastAt) {
    lastAt = at
    counter = 0
  } else if (counter === 36 ** 4 - 1) {
    lastAt += 1
    counter = 0
  } else {
    counter += 1
  }
  writeTime(lastAt)
  writeCounter()
  return id.toString('latin1')
}

const acceptable = /^[\w.:/+=-]{1,128}$/

/** The client's own id when it sent a sensible one, else ours. */
export function requestIdOf(given: string | string[] | undefined, own: string): string {
  return typeof given === 'string' && acceptable.test(given) ? given : own
}
