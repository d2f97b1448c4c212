/** Numbers as people read them. */
import { describe, expect, it } from 'vitest'
import { counted, formatBytes, formatCount, formatDollars, formatMilliseconds } from './quantities.ts'

describe('quantities', () => {
  it('groups the digits of counts', () => {
    expect([0, 999, 1000, 1_234_567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567'])
    expect([counted(1, 'key'), counted(2000, 'key'), counted(2, 'alias', 'aliases')]).toEqual([
      '1 key',
      '2,000 keys',
      '2 aliases',
    ])
  })

  it('chooses the unit of times and sizes', () => {
    expect([0.04, 9.94, 9.96, 999.4, 999.6, 59_994, 59_996, 75_000].map(formatMilliseconds)).toEqual([
      '0.0 ms',
      '9.9 ms',
      '10 ms',
      '999 ms',
      '1.00 s',
      '59.99 s',
      '1 min 0 s',
      '1 min 15 s',
    ])
    expect([0, 1023, 1536, 200 * 1024, 5 * 1024 ** 3].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.5 KiB',
      '200 KiB',
      '5.0 GiB',
    ])
  })

  it('never rounds money', () => {
    expect([0, 37_500, 1_000_000_001, -5_000_000_000].map(formatDollars)).toEqual([
      '$0',
      '$0.0000375',
      '$1.000000001',
      '-$5',
    ])
    expect(formatDollars(10n ** 25n + 1n)).toBe('$10000000000000000.000000001')
  })
})
