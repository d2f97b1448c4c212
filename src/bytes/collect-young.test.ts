/** Buffers of a body that goes by are given back before V8 would do so by itself. */
import { expect, it } from 'vitest'
import { PassingBytes } from './collect-young.ts'

it('keeps what lies about of a long body far below what V8 lets lie about', () => {
  const passing = new PassingBytes()
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  for (let piece = 0; piece < 2000; piece += 1) {
    passing.count(new Uint8Array(64 << 10).length)
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  expect(most).toBeLessThan(24 << 20)
})
