// Checks that the tail is the stream's end whatever the chunks are, and that it holds on to little memory.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteTail } from './byte-tail.ts'

const counted = (length: number, from = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (from + index) % 251)

describe('ByteTail', () => {
  it('gives the last bytes of any stream, at any time', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.array(fc.nat(60), { maxLength: 120 }), fc.boolean(), (limit, sizes, shared) => {
        const whole = counted(sizes.reduce((sum, size) => sum + size, 0))
        const tail = new ByteTail(limit)
        let end = 0
        for (const size of sizes) {
          const chunk = whole.subarray(end, end + size)
          tail.push(shared ? chunk : chunk.slice())
          end += size
          expect(tail.bytes()).toEqual(whole.slice(Math.max(0, end - limit), end))
        }
      }),
    )
  })

  it('gives them also after very many tiny chunks', () => {
    const whole = counted(300_000)
    const tail = new ByteTail(10_000)
    for (let at = 0; at < whole.length; at++) tail.push(whole.subarray(at, at + 1))
    expect(tail.bytes()).toEqual(whole.slice(-10_000))
  })

  it('gives them also when every chunk is a small view of a large buffer', () => {
    for (const bufferBytes of [64 * 1024, 1024 * 1024]) {
      const tail = new ByteTail(1000)
      for (let from = 0; from < 3000; from += 30) {
        const buffer = new Uint8Array(bufferBytes)
        buffer.set(counted(30, from), 500)
        tail.push(buffer.subarray(500, 530))
      }
      expect(tail.bytes()).toEqual(counted(1000, 2000))
    }
  })

  it('is not changed by what happens to a giant chunk or to what it gave', () => {
    const giant = counted(1000)
    const tail = new ByteTail(10)
    tail.push(giant)
    giant.fill(0)
    tail.bytes().fill(0)
    expect(tail.bytes()).toEqual(counted(10, 990))
  })

  it.each([
    ['old chunks', 3000, 1000, 1000],
    ['buffers much larger than their chunks', 16 * 1024, 64 * 1024, 50],
  ])('lets go of %s', async (_name, limit, bufferBytes, chunkBytes) => {
    const tail = new ByteTail(limit)
    const buffers: WeakRef<ArrayBuffer>[] = []
    for (let count = 0; count < 200; count++) {
      const buffer = new ArrayBuffer(bufferBytes)
      buffers.push(new WeakRef(buffer))
      tail.push(new Uint8Array(buffer, 0, chunkBytes))
    }
    await collectGarbage()
    expect(buffers.filter((each) => each.deref() !== undefined).length).toBeLessThanOrEqual(4)
    expect(tail.bytes().length).toBe(Math.min(limit, 200 * chunkBytes))
  })

  it('refuses a limit that is no number of bytes', () => {
    for (const limit of [-1, 1.5, Number.NaN, Infinity]) expect(() => new ByteTail(limit)).toThrow(RangeError)
  })
})

/** Full collections, after the turns that keep a WeakRef's target alive. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    collect()
  }
}
