/**
 * The laws of a dialect's stream codec: where the bytes are cut changes nothing, what the encoder writes the decoder reads back, and
 * the observer of a passed-through stream knows what the decoder would have known.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { ChatResponse } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import { foldChat } from '../../model/fold-chat.ts'
import type { Finish } from '../../model/finish.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Usage } from '../../model/usage.ts'
import type { ChatDialect, Chunk, StreamCodec, StreamFraming } from '../dialect.ts'
import { runs, thorough } from './depth.ts'

type Codec = StreamCodec<ChatEvent>

/** What was said, without notes on how it was spelled: members named `form` are left out at every level. */
export function spoken(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spoken)
  if (value instanceof Fault)
    return {
      code: value.code,
      message: value.message,
      status: value.status,
      param: value.param,
      upstream: value.upstream,
    }
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) =>
      key === 'form' || member === undefined ? [] : [[key, spoken(member)]],
    ),
  )
}

/** Faults compared by what they say; stack traces differ. */
function comparable(events: readonly ChatEvent[]): unknown[] {
  return events.map((event) => (event.type === 'error' ? spoken(event) : event))
}

function decodeChunks(codec: Codec, chunks: Iterable<Uint8Array>): ChatEvent[] {
  const decoder = codec.decoder()
  const events: ChatEvent[] = []
  for (const chunk of chunks) events.push(...decoder.push(chunk))
  events.push(...decoder.end())
  return events
}

/** What the decoder has told when the bytes so far are all there is, the end not declared. */
function decodePrefix(codec: Codec, bytes: Uint8Array): ChatEvent[] {
  return codec.decoder().push(bytes)
}

export function encodeEvents(codec: Codec, events: readonly ChatEvent[], model: string): Uint8Array {
  const encoder = codec.encoder({ model, streamUsage: true })
  const chunks = events.map((event) => encoder.push(event))
  return chunksOf([...chunks, encoder.end()])
}

export function chunksOf(chunks: readonly Chunk[]): Uint8Array {
  return Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)))
}

/** What text must look like where events are set apart. */
function endsEvent(text: string, framing: StreamFraming): boolean {
  return framing === 'lines' ? text.endsWith('\n') : text.replaceAll(/\r\n?/g, '\n').endsWith('\n\n')
}

function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  // Copies, so that a decoder that keeps a view of a chunk beyond its turn is found out.
  return at.slice(1).map((end, index) => Uint8Array.from(bytes.subarray(at[index], end)))
}

const mostPositions = thorough ? 2500 : 150

/** Every position in a short stream; evenly spread ones in a long one. */
function positions(length: number): number[] {
  const step = Math.max(1, Math.ceil(length / mostPositions))
  return Array.from({ length: Math.ceil((length + 1) / step) }, (_, index) => index * step)
}

const lastOf = (events: readonly ChatEvent[], type: ChatEvent['type']): ChatEvent | undefined =>
  events.findLast((event) => event.type === type)

function usageOf(events: readonly ChatEvent[]): Usage | undefined {
  const event = lastOf(events, 'usage-update')
  return event?.type === 'usage-update' ? event.usage : undefined
}

/** What a client was told in the end. Of a fault its message: that a stream broke off has no word in most protocols. */
function foldOrMessage(events: readonly ChatEvent[]): ChatResponse | string {
  const failed = events.find((event) => event.type === 'error')
  return failed?.type === 'error' ? failed.fault.message : foldChat(events)
}

export function describeChatStream(dialect: ChatDialect, wire: string | Uint8Array): void {
  const codec = dialect.stream
  if (codec === undefined) throw new Error(`${dialect.id} has no stream codec`)
  const bytes = Buffer.from(wire)
  const text = bytes.toString('utf8')
  const whole = decodeChunks(codec, [bytes])
  const model = whole.find((event) => event.type === 'response-start')?.model ?? 'model'

  it('gives the same events wherever the bytes are cut', () => {
    const expected = JSON.stringify(comparable(whole))
    for (const cut of positions(bytes.length)) {
      const events = JSON.stringify(comparable(decodeChunks(codec, cutAt(bytes, [cut]))))
      if (events !== expected) expect(events, `cut at byte ${cut}`).toBe(expected)
    }
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte))
    expect(comparable(decodeChunks(codec, single))).toEqual(comparable(whole))
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (cuts) => {
        expect(JSON.stringify(comparable(decodeChunks(codec, cutAt(bytes, cuts))))).toBe(expected)
      }),
      { numRuns: runs(50) },
    )
  })

  it('says the same after its events were encoded and decoded again', () => {
    const again = decodeChunks(codec, [encodeEvents(codec, whole, model)])
    expect(spoken(foldOrMessage(again))).toEqual(spoken(foldOrMessage(whole)))
  })

  it('keeps the order of its events: parts start once, grow only while open, and end before their choice', () => {
    expectOrdered(whole)
  })

  describe('observed while it passes', () => {
    it('goes through byte for byte, and tells what the decoder tells, wherever it is cut', () => {
      const finishes = whole.flatMap((event) => (event.type === 'choice-end' ? [event.finish] : []))
      const start = whole.find((event) => event.type === 'response-start')
      const failed = whole.find((event) => event.type === 'error')
      for (const cut of positions(bytes.length)) {
        const observer = codec.observer({ withholdUsage: false })
        const out = cutAt(bytes, [cut]).map((chunk) => Buffer.from(observer.push(chunk)))
        if (!Buffer.concat(out).equals(bytes)) throw new Error(`bytes changed when cut at ${cut}`)
        const facts = observer.facts()
        const said = { id: facts.id, model: facts.model, usage: facts.usage, fault: spoken(facts.fault) }
        expect(said, `cut at byte ${cut}`).toEqual({
          id: start?.id,
          model: start?.model,
          usage: usageOf(whole),
          fault: spoken(cutFault(failed)),
        })
        if (finishes.length > 0) expect(finishes.map(wordOf)).toContainEqual(wordOf(facts.finish))
        expect(facts.complete, 'complete').toBe(lastOf(whole, 'response-end') !== undefined)
        expect(facts.estimatedOutput).toBeGreaterThanOrEqual(0)
      }
    })

    it('knows at any point what usage was told so far, and whether an event is only half there', () => {
      for (const cut of positions(bytes.length)) {
        const observer = codec.observer({ withholdUsage: false })
        for (const chunk of cutAt(bytes.subarray(0, cut), [cut >> 1])) observer.push(chunk)
        const facts = observer.facts()
        // A last event without its blank line counts for an ended stream; whether the stream has ended the observer is not told.
        const told = [
          usageOf(decodePrefix(codec, bytes.subarray(0, cut))),
          usageOf(decodeChunks(codec, [bytes.subarray(0, cut)])),
        ]
        expect(told, `usage after ${cut} bytes`).toContainEqual(facts.usage)
        const before = text.length === bytes.length ? text.slice(0, cut) : bytes.toString('utf8', 0, cut)
        if (codec.framing === 'binary') continue
        expect(facts.atBoundary, `boundary after ${cut} bytes`).toBe(cut === 0 || endsEvent(before, codec.framing))
      }
    })

    it.skipIf(dialect.usageEdits === undefined)('tells the usage that it withholds, and withholds nothing else', () => {
      fc.assert(
        fc.property(fc.array(fc.nat(), { maxLength: 8 }), (cuts) => {
          const observer = codec.observer({ withholdUsage: true })
          const out = cutAt(bytes, cuts).map((chunk) => Buffer.from(observer.push(chunk)))
          expect(observer.facts().usage).toEqual(usageOf(whole))
          const rest = decodeChunks(codec, [Buffer.concat(out)]).filter((event) => event.type !== 'usage-update')
          expect(comparable(rest)).toEqual(comparable(whole.filter((event) => event.type !== 'usage-update')))
        }),
        { numRuns: runs(60) },
      )
    })
  })
}

const wordOf = (finish: Finish | undefined): unknown => [finish?.reason, finish?.raw, finish?.sequence]

/** The fault that stood in the stream; that a stream broke off or was malformed is the decoder's own finding. */
function cutFault(event: ChatEvent | undefined): Fault | undefined {
  if (event?.type !== 'error') return undefined
  return event.fault.code === 'provider_cut' || event.fault.code === 'provider_malformed' ? undefined : event.fault
}

/** Throws where the order of events is broken. */
export function expectOrdered(events: readonly ChatEvent[]): void {
  const open = new Set<string>()
  const seen = new Set<string>()
  const ended = new Set<number>()
  for (const [index, event] of events.entries()) {
    const at = `event ${index}: ${event.type}`
    if (event.type === 'part-start' || event.type === 'part-delta' || event.type === 'part-end') {
      const key = `${event.choice}/${event.part}`
      expect(ended.has(event.choice), `${at} after the end of its choice`).toBe(false)
      if (event.type === 'part-start') {
        expect(seen.has(key), `${at} a second time`).toBe(false)
        seen.add(key)
        open.add(key)
      } else expect(open.has(key), `${at} without an open part ${key}`).toBe(true)
      if (event.type === 'part-end') open.delete(key)
    }
    if (event.type === 'choice-end') {
      expect(ended.has(event.choice), `${at} a second time`).toBe(false)
      expect(
        [...open].filter((key) => key.startsWith(`${event.choice}/`)),
        `${at} with parts still open`,
      ).toEqual([])
      ended.add(event.choice)
    }
    if (event.type === 'response-start')
      expect(
        events.slice(0, index).every((before) => before.type === 'ping'),
        `${at} is not first`,
      ).toBe(true)
    if (event.type === 'response-end' || event.type === 'error')
      expect(index, `${at} is not last`).toBe(events.length - 1)
  }
}
