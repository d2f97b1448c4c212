/** Text of others can never command a terminal. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printable, printableLine } from './printable.ts'

describe('printable', () => {
  it('disarms colours, titles, clearing and turned text, and keeps the rest', () => {
    expect(printable('\u001b[31mred\u001b]0;title\u0007')).toBe('\ufffd[31mred\ufffd]0;title\ufffd')
    expect(printable('a\u202eb\u009bc')).toBe('a\ufffdb\ufffdc')
    expect(printable('two\r\nlines\tand ünïcödé 🐎')).toBe('two\nlines\tand ünïcödé 🐎')
  })

  it('lets no control character through, and changes nothing twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const safe = printable(text)
        expect(safe.replace(/[\n\t]/g, '')).not.toMatch(/\p{Cc}/u)
        expect(printable(safe)).toBe(safe)
        expect(printableLine(text)).not.toMatch(/[\n\t\p{Cc}]/u)
      }),
    )
  })
})
