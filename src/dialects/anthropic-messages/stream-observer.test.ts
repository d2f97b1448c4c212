/** What is known of a stream that passes through, however long it is, and however it ends. */
import { describe, expect, it } from 'vitest'
import type { StreamFacts } from '../../kernel/dialect.ts'
import { begin, end, grow, started, stop, wire } from './fixtures-answers.ts'
import { createObserver } from './stream-observer.ts'

function observe(text: string, size = 1000): StreamFacts {
  const observer = createObserver()
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = bytes.subarray(at, at + size)
    expect(observer.push(chunk)).toBe(chunk)
  }
  return observer.facts()
}
const words = Array.from({ length: 300 }, (_, index) => grow(0, { type: 'text_delta', text: `word ${index} ` }))
const opening = [started({}, { cache_read_input_tokens: 100 }), begin(0, { type: 'text', text: '' }), ...words]
const ending = [end(0), ...stop({ stop_reason: 'max_tokens' }, { cache_read_input_tokens: 100 })]

describe('the observer of a long stream', () => {
  it.each([1, 7, 1000, 65_536, 10_000_000])('knows the beginning and the end of it in chunks of %i bytes', (size) => {
    expect(observe(wire([...opening, ...ending]), size)).toMatchObject({
      id: 'msg_01Stream',
      model: 'claude-sonnet-4-5',
      usage: { input: { total: 115, cacheRead: 100, cacheWrite1h: 2 }, output: { total: 40 } },
      finish: { reason: 'length', raw: 'max_tokens' },
      complete: true,
      atBoundary: true,
    })
  })

  it.each([20_000, 1_800_000])('guesses the output of one event of %i characters, whatever came behind it', (size) => {
    const long = [...opening.slice(0, 2), grow(0, { type: 'text_delta', text: 'x'.repeat(size) })]
    for (const behind of [[], [end(0)]]) {
      const { estimatedOutput, complete } = observe(wire([...long, ...behind]))
      expect(complete).toBe(false)
      expect(estimatedOutput).toBeGreaterThan(size / 4 - 1)
      expect(estimatedOutput).toBeLessThan((size / 4) * 1.5)
    }
  })

  it('knows the input of one that broke off, and guesses its output', () => {
    const facts = observe(wire(opening).slice(0, -10))
    expect(facts).toMatchObject({
      usage: { input: { total: 115 }, output: { total: 1 } },
      complete: false,
      atBoundary: false,
    })
    expect(facts.finish).toBeUndefined()
    const characters = words.length * 'word 1000 '.length
    expect(facts.estimatedOutput).toBeGreaterThan(characters / 4 / 1.5)
    expect(facts.estimatedOutput).toBeLessThan((characters / 4) * 1.5)
  })

  it('finds the error that ends it', () => {
    const facts = observe(
      wire([...opening, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }]),
    )
    expect(facts.fault).toMatchObject({ code: 'provider_overloaded', message: 'Overloaded' })
    expect(facts.complete).toBe(false)
  })

  it('finds its beginning behind pings and comments', () => {
    expect(observe(`: hello\n\n${wire([{ type: 'ping' }, ...opening, ...ending])}`, 3).usage).toMatchObject({
      input: { total: 115 },
    })
  })

  it('reads every kind of line end', () => {
    for (const lineEnd of ['\r\n', '\r']) {
      const text = wire([...opening, ...ending]).replaceAll('\n', lineEnd)
      expect(observe(text)).toMatchObject({
        usage: { input: { total: 115 }, output: { total: 40 } },
        complete: true,
        atBoundary: true,
      })
      expect(observe(text.slice(0, -lineEnd.length)).atBoundary).toBe(false)
    }
  })

  it('makes nothing of what is not of the protocol', () => {
    for (const text of [
      '',
      '<html>',
      'data: 7\n\n',
      'data: {"type":"message_start"}\n\n',
      '\n\n',
      'a'.repeat(100_000),
    ]) {
      expect(observe(text)).toMatchObject({ complete: false, estimatedOutput: 0 })
    }
    expect(observe('')).toEqual({ complete: false, atBoundary: true, estimatedOutput: 0 })
  })
})
