/** Streams with an answer in them, cut anywhere: what is seen of it, and what the client gets. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StreamSink, StreamSource } from '../../kernel/reply.ts'
import type { JsonObject } from '../../model/json.ts'
import { watchStream } from './watch-stream.ts'

const response = { id: 'resp_1', output: [{ text: 'ö "response"' }], big: 1 }
const events = [
  { type: 'response.created', sequence_number: 0, response: { id: 'resp_1', output: [] } },
  { type: 'response.output_text.delta', sequence_number: 1, delta: 'a "response" of response.completed' },
  { type: 'response.completed', sequence_number: 2, response },
]
const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')

function run(pieces: readonly Buffer[], edit?: (seen: JsonObject) => JsonObject, maxEventBytes = 1 << 20) {
  const done: JsonObject[] = []
  let out = ''
  let doneBeforeEnd = false
  const source: StreamSource = {
    start(sink: StreamSink) {
      for (const piece of pieces) sink.write(piece)
      sink.end({ outcome: 'ok', facts: {}, estimatedOutput: 0 })
    },
    resume() {},
  }
  const watched = watchStream(source, {
    ...(edit !== undefined && { edit }),
    done: (told) => void done.push(told),
    maxEventBytes,
  })
  watched.start({
    write(chunk) {
      out += Buffer.from(chunk).toString('latin1')
      return true
    },
    end: () => void (doneBeforeEnd = done.length === 1),
  })
  return { out: Buffer.from(out, 'latin1').toString('utf8'), done, doneBeforeEnd }
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % bytes.length))].toSorted((a, b) => a - b)
  return [...sorted, bytes.length].map((place, index) => bytes.subarray(sorted[index - 1] ?? 0, place))
}

describe('a watched stream', () => {
  it('passes every byte, and has its answer seen once before the end, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 6 }), (places) => {
        const { out, done, doneBeforeEnd } = run(cut(Buffer.from(text), places))
        expect(out).toBe(text)
        expect(done).toEqual([response])
        expect(doneBeforeEnd).toBe(true)
      }),
    )
  })

  it('has its answer changed in every event that has it, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 6 }), (places) => {
        const { out, done } = run(cut(Buffer.from(text), places), (seen) => ({ ...seen, id: 'resp_ours' }))
        expect(out).toBe(text.replaceAll('resp_1', 'resp_ours'))
        expect(done).toEqual([{ ...response, id: 'resp_ours' }])
      }),
    )
  })

  it('is seen whole when its last event lacks its end', () => {
    const { out, done } = run([Buffer.from(text.trimEnd())])
    expect(out).toBe(text.trimEnd())
    expect(done).toEqual([response])
  })

  it('goes on unseen when an event is too large to look into', () => {
    const { out, done } = run([Buffer.from(text)], undefined, 100)
    expect(out).toBe(text)
    expect(done).toEqual([])
  })
})
