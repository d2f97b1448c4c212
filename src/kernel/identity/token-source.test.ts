/** Tokens that are kept: asked for once, renewed before they end, and never asked for in a storm. */
import { describe, expect, it } from 'vitest'
import { FakeClock, settle } from '../testing/fake-clock.ts'
import { TokenSource } from './token-source.ts'
import type { Lease } from './token-source.ts'

const minute = 60_000

/** A source that hands out `1`, `2`, … each good for an hour, when the test lets it. */
function stage(lifetime: number | undefined = 60 * minute) {
  const clock = new FakeClock()
  const waiting: PromiseWithResolvers<Lease<number>>[] = []
  let asked = 0
  const source = new TokenSource(clock, () => {
    asked += 1
    const answer = Promise.withResolvers<Lease<number>>()
    waiting.push(answer)
    return answer.promise
  })
  return {
    clock,
    source,
    asked: () => asked,
    answer: async () => {
      waiting.shift()?.resolve({ value: asked, lifetime })
      await settle()
    },
    fail: async (message: string) => {
      waiting.shift()?.reject(new Error(message))
      await settle()
    },
  }
}

describe('a token source', () => {
  it('asks once for fifty that wait, and then gives what it has at once', async () => {
    const { source, answer, asked } = stage()
    const waiting = Array.from({ length: 50 }, async () => source.get())
    await answer()
    expect(await Promise.all(waiting)).toEqual(Array(50).fill(1))
    expect(source.get()).toBe(1)
    expect(asked()).toBe(1)
  })

  it('gets the next one in the background while the old one is good', async () => {
    const { source, clock, answer, asked } = stage()
    void source.get()
    await answer()
    await clock.advance(55 * minute)
    expect(source.get()).toBe(1)
    expect(asked()).toBe(1)
    await clock.advance(2 * minute)
    expect(source.get()).toBe(1)
    expect(source.get()).toBe(1)
    expect(asked()).toBe(2)
    await answer()
    expect(source.get()).toBe(2)
  })

  it('waits for the next one once the old one is about to end', async () => {
    const { source, clock, answer } = stage()
    void source.get()
    await answer()
    await clock.advance(60 * minute - 5000)
    const next = source.get()
    expect(next).toBeInstanceOf(Promise)
    await answer()
    expect(await next).toBe(2)
  })

  it('counts lifetimes from the asking, however long the answer took', async () => {
    const { source, clock, answer } = stage(minute)
    void source.get()
    await clock.advance(minute)
    await answer()
    expect(source.get()).toBeInstanceOf(Promise)
  })

  it('keeps what never ends for ever', async () => {
    const clock = new FakeClock()
    const source = new TokenSource(clock, () => Promise.resolve({ value: 'k', lifetime: undefined }))
    await source.get()
    await clock.advance(400 * 24 * 60 * minute)
    expect(source.get()).toBe('k')
  })

  it('tells everyone of a failure, and leaves the issuer alone for a while', async () => {
    const { source, clock, answer, fail, asked } = stage()
    const waiting = Promise.allSettled([source.get(), source.get()])
    await fail('no')
    expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(source.get()).rejects.toThrow('no')
    expect(asked()).toBe(1)
    await clock.advance(3000)
    const next = source.get()
    expect(asked()).toBe(2)
    await answer()
    expect(await next).toBe(2)
  })

  it('goes on with a good token when the next one cannot be had yet', async () => {
    const { source, clock, answer, fail, asked } = stage()
    void source.get()
    await answer()
    await clock.advance(58 * minute)
    expect(source.get()).toBe(1)
    await fail('not now')
    expect(source.get()).toBe(1)
    expect(asked()).toBe(2)
    await clock.advance(3000)
    expect(source.get()).toBe(1)
    expect(asked()).toBe(3)
  })

  it('forgets a token that the provider refused, unless it is quite new', async () => {
    const { source, clock, answer } = stage()
    void source.get()
    await answer()
    source.doubt()
    expect(source.get()).toBe(1)
    await clock.advance(minute)
    source.doubt()
    expect(source.peek()).toBeUndefined()
    expect(source.get()).toBeInstanceOf(Promise)
  })
})
