/** A file in the middle of JSON, made while it is sent. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fileInline, inlineBody } from './inline-body.ts'

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

it('is the JSON with the file in its place, however the file comes in pieces, and as long as it says', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(pieces, async (chunks) => {
      const upload = uploadOf(chunks)
      const body = inlineBody(Buffer.from(JSON.stringify({ a: 'ü', data: fileInline, z: 1 })), upload)
      const sent: Uint8Array[] = []
      for await (const piece of body.open()) sent.push(piece)
      const whole = Buffer.concat(sent)
      expect(whole.length).toBe(body.length)
      expect(JSON.parse(whole.toString())).toEqual({ a: 'ü', data: Buffer.concat(chunks).toString('base64'), z: 1 })
    }),
  )
})

it('refuses a body without a place for it', () => {
  expect(() => inlineBody(Buffer.from('{}'), uploadOf([]))).toThrow(RangeError)
})
