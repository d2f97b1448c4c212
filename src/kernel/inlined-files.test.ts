/** Files in the middle of JSON, made while it is sent. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fileMark, withFilesInlined } from './inlined-files.ts'

const uploadOf = (chunks: readonly Uint8Array[]) => ({
  length: chunks.reduce((sum, { length }) => sum + length, 0),
  name: 'a',
  type: 'audio/wav',
  async *open() {
    await Promise.resolve()
    yield* chunks
  },
  discard: () => undefined,
})

it('are where their marks were, however they come in pieces, and the whole is as long as it says', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(pieces, pieces, async (one, other) => {
      const json = JSON.stringify({ a: fileMark('m', 1), text: 'ü', b: fileMark('m', 0), c: fileMark('other', 0) })
      const body = withFilesInlined(json, 'm', [uploadOf(one), uploadOf(other)])
      if (typeof body === 'string') throw new Error('nothing was put in')
      const sent: Uint8Array[] = []
      for await (const piece of body.open()) sent.push(piece)
      const whole = Buffer.concat(sent)
      expect(whole.length).toBe(body.length)
      const base64 = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString('base64')
      expect(JSON.parse(whole.toString())).toEqual({
        a: base64(other),
        text: 'ü',
        b: base64(one),
        c: fileMark('other', 0),
      })
    }),
  )
})

it('leaves JSON without a mark as it is', () => {
  expect(withFilesInlined('{}', 'm', [uploadOf([])])).toBe('{}')
})
