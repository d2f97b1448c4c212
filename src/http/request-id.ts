/** Ids of exchanges: unique for ever and ordered by time, so that records can be listed by them. */
import { randomBytes } from 'node:crypto'

const processTag = randomBytes(6).toString('hex')
let lastAt = 0
let counter = 0
let prefixAt = 0
let prefix = ''

/** Two digits in base 36 of every number below 36 × 36: the language's own conversion goes digit by digit, in floating point. */
const pairs = Array.from({ length: 36 ** 2 }, (_, index) => index.toString(36).padStart(2, '0'))

/** `ex_` and the time, made once in a millisecond. */
function timed(at: number): string {
  if (at !== prefixAt) {
    prefixAt = at
    prefix = `ex_${at.toString(36).padStart(9, '0')}`
  }
  return prefix
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
  const high = Math.floor(counter / pairs.length)
  // Not added up, which would leave a tree of parts: see `flatText`.
  return [timed(lastAt), pairs[high], pairs[counter - high * pairs.length], processTag].join('')
}

const acceptable = /^[\w.:/+=-]{1,128}$/

/** The client's own id when it sent a sensible one, else ours. */
export function requestIdOf(given: string | string[] | undefined, own: string): string {
  return typeof given === 'string' && acceptable.test(given) ? given : own
}
