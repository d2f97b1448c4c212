/** Ids of exchanges and of requests. */
import { describe, expect, it } from 'vitest'
import { nextExchangeId, requestIdOf } from './request-id.ts'

describe('exchange ids', () => {
  it('never repeat and sort by time, even when the clock stands or is set back', () => {
    const start = Date.UTC(2030, 0, 1)
    const times = [
      start,
      start,
      start + 1,
      start - 5000,
      start + 1,
      start + 2,
      ...Array.from({ length: 5000 }, () => start + 2),
    ]
    const ids = times.map((at) => nextExchangeId(at))
    expect(new Set(ids).size).toBe(ids.length)
    expect([...ids].sort()).toEqual(ids)
  })
})

describe('request ids', () => {
  it('are the client’s own when they are sensible', () => {
    expect(requestIdOf('trace-17/a', 'ex_1')).toBe('trace-17/a')
  })

  it.each([[undefined], [['a', 'b']], [''], ['with space'], ['line\nbreak'], ['x'.repeat(129)], ['ünïcode']])(
    'are ours instead of %j',
    (given) => {
      expect(requestIdOf(given, 'ex_1')).toBe('ex_1')
    },
  )
})
