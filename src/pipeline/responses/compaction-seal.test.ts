/** Sealed summaries: only their own gateway opens them, and only as they were. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compactionSeal } from './compaction-seal.ts'

const seal = compactionSeal(Buffer.from('a server secret of sufficient length'))

describe('a sealed summary', () => {
  it('is opened as it was sealed, differs every time, and shows nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(seal.open(seal.seal(text))).toBe(text)
      }),
    )
    expect(seal.seal('x')).not.toBe(seal.seal('x'))
    expect(seal.seal('a secret plan')).not.toContain(Buffer.from('secret').toString('base64url'))
  })

  it('is not opened when a byte of it was changed, by another gateway, or when it is none', () => {
    const sealed = seal.seal('the summary')
    const bytes = sealed.length
    for (let at = sealed.length - 30; at < bytes - 1; at += 1) {
      const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
      expect(seal.open(changed)).toBeUndefined()
    }
    expect(compactionSeal(Buffer.from('another secret of sufficient length')).open(sealed)).toBeUndefined()
    for (const none of ['', 'gAAAA', sealed.slice(0, 40), 'sluicegate.compaction.1.'])
      expect(seal.open(none)).toBeUndefined()
  })
})
