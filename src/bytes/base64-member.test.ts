/** Bytes taken out of a member of a JSON object, wherever it is cut. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Base64Member } from './base64-member.ts'

const cutInto = (text: string, cuts: readonly number[]): Buffer[] => {
  const bytes = Buffer.from(text)
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

describe('bytes in a member of an object', () => {
  it('are the same wherever the object is cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.array(fc.nat(), { maxLength: 5 }), (bytes, cuts) => {
        const member = new Base64Member('audio')
        const text = JSON.stringify({ first: 1, audio: Buffer.from(bytes).toString('base64'), last: 'x' }, undefined, 1)
        const out = Buffer.concat(cutInto(text, cuts).map((piece) => member.push(piece)))
        expect(out.equals(bytes)).toBe(true)
        expect(member.complete).toBe(true)
      }),
    )
  })

  it('may have their strokes escaped', () => {
    const member = new Base64Member('a')
    expect([...member.push(Buffer.from(String.raw`{"a":"\/\/\/\/"}`))]).toEqual([255, 255, 255])
  })

  it('are not complete without their end', () => {
    const member = new Base64Member('a')
    member.push(Buffer.from('{"a":"AAAA'))
    expect([member.begun, member.complete]).toEqual([true, false])
  })

  it('are refused where they are none', () => {
    expect(() => new Base64Member('a').push(Buffer.from('{"a":"ÄÖ!!"}'))).toThrow('not base64')
    expect(() => new Base64Member('a', 8).push(Buffer.from('{"b":"AAAA"}'))).toThrow('at its beginning')
    const error = new Base64Member('a')
    error.push(Buffer.from('{"error":{}}'))
    expect(error.before).toBe('{"error":{}}')
  })
})
