/** Does to an answer what the fault parameters ask for: breaks it, stops it, cuts it, swells it. */
import type { Parameters } from './parameters.ts'
import type { SimAnswer, SimChunk, SimEnding } from './reply.ts'
import type { WireEvent } from './wire.ts'

/** A piece of an answer before its faults; text of a stream's event, or part of a body, which may be no text. */
export interface Piece {
  readonly afterMs: number
  readonly text: string | Uint8Array
}

const encoder = new TextEncoder()
const fillerSize = 65_536
const filler = encoder.encode('a'.repeat(fillerSize))
const stallDefault = 3
/** Chunks that a body counts as when a fault needs chunks. */
const bodyParts = 8

const page = '<!doctype html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>\n'

/** When each event comes, by the tokens in it. */
export function* paced(events: Iterable<WireEvent>, { ttft = 0, tps }: Parameters): Generator<Piece> {
  const perToken = tps === undefined ? 0 : 1000 / tps
  let first = true
  for (const { text, tokens } of events) {
    const wait = tokens === 0 ? 0 : first ? ttft : tokens * perToken
    first &&= tokens === 0
    yield { afterMs: wait, text }
  }
}

/** The first `count` of them; who hears of `enough` knows that there were as many. */
function* first(pieces: Iterable<Piece>, count: number, enough: () => void = () => {}): Generator<Piece> {
  let left = count
  if (left > 0) {
    for (const piece of pieces) {
      yield piece
      if (--left === 0) break
    }
  }
  if (left === 0) enough()
}

/** The first `count` of them, or as many as there are, and this one. */
export function* endedBy(pieces: Iterable<Piece>, count: number, last: Piece): Generator<Piece> {
  yield* first(pieces, count)
  yield last
}

/** With a wait behind the first `count` of them, or at the end. */
function* stalled(pieces: Iterable<Piece>, count: number, afterMs: number): Generator<Piece> {
  let left = count
  for (const piece of pieces) {
    if (left-- === 0) yield { afterMs, text: '' }
    yield piece
  }
  if (left >= 0) yield { afterMs, text: '' }
}

/** With the one at this place, counted from 1, broken. */
function* broken(pieces: Iterable<Piece>, place: number): Generator<Piece> {
  let at = 0
  for (const piece of pieces) yield ++at === place ? { ...piece, text: brokenEvent(piece.text) } : piece
}

/** The body in equal parts. */
export function partsOf(body: string | Uint8Array): Piece[] {
  const size = Math.max(1, Math.ceil(body.length / bodyParts))
  const parts: Piece[] = []
  for (let at = 0; at < body.length; at += size) parts.push({ afterMs: 0, text: body.slice(at, at + size) })
  return parts
}

/** Whether the answer's bytes differ from a plain body, so that it has to be handled in pieces. */
export function distorts(parameters: Parameters): boolean {
  const { stall, cut, malformed, trickle, huge, gzip } = parameters
  return (
    [stall, cut, malformed, trickle, huge].some((one) => one !== undefined) || (gzip !== undefined && gzip !== 'false')
  )
}

function* padded(pieces: Iterable<Piece>, size: number): Generator<SimChunk> {
  let waiting = true
  for (const { afterMs, text } of pieces) {
    const at = waiting && typeof text === 'string' ? text.indexOf('{') : -1
    if (at === -1 || typeof text !== 'string') {
      yield { afterMs, bytes: bytesOf(text) }
      continue
    }
    waiting = false
    yield { afterMs, bytes: encoder.encode(`${text.slice(0, at + 1)}"padding":"`) }
    for (let left = size; left > 0; left -= fillerSize) {
      yield { afterMs: 0, bytes: left >= fillerSize ? filler : filler.subarray(0, left) }
    }
    yield { afterMs: 0, bytes: encoder.encode(`",${text.slice(at + 1)}`) }
  }
}

function* encoded(pieces: Iterable<Piece>): Generator<SimChunk> {
  for (const { afterMs, text } of pieces) yield { afterMs, bytes: bytesOf(text) }
}

export const bytesOf = (text: string | Uint8Array): Uint8Array =>
  typeof text === 'string' ? encoder.encode(text) : text

function* trickled(chunks: Iterable<SimChunk>, between: number): Generator<SimChunk> {
  for (const { afterMs, bytes } of chunks) {
    if (bytes.length === 0) yield { afterMs, bytes }
    for (let at = 0; at < bytes.length; at++) {
      yield { afterMs: between + (at === 0 ? afterMs : 0), bytes: bytes.subarray(at, at + 1) }
    }
  }
}

function brokenEvent(text: string | Uint8Array): string | Uint8Array {
  if (typeof text !== 'string') return text.subarray(0, Math.ceil(text.length / 2))
  // Half of its data, on one line as before: the protocol's framing stays, the JSON in it does not.
  const body = text.trimEnd()
  return `${body.slice(0, Math.ceil(body.length / 2))}\n\n`
}

/** The answer's pieces with the faults in them. `stream` tells events from parts of a body. */
export function distort(
  original: Iterable<Piece>,
  parameters: Parameters,
  stream: boolean,
): Pick<SimAnswer, 'chunks' | 'ending' | 'gzip'> {
  const { stall, cut, malformed, trickle, huge, gzip, after = stallDefault } = parameters
  let pieces = original
  let ending: SimEnding = 'end'
  if (malformed !== undefined) {
    const parts = stream ? [] : [...pieces]
    pieces = stream ? broken(pieces, malformed) : parts.slice(0, Math.ceil(parts.length / 2))
  }
  if (stall !== undefined) {
    if (stall === Infinity) ending = 'hang'
    pieces = stall === Infinity ? first(pieces, after) : stalled(pieces, after, stall)
  }
  if (cut !== undefined)
    pieces = first(pieces, cut, () => {
      ending = 'cut'
    })
  const chunks = huge === undefined ? encoded(pieces) : padded(pieces, huge)
  return {
    chunks: trickle === undefined ? chunks : trickled(chunks, trickle),
    ending: () => ending,
    gzip: gzip === undefined || gzip === 'false' ? 'none' : gzip === 'corrupt' ? 'corrupt' : 'valid',
  }
}

/** The page that proxies send where JSON was expected. */
export function isPage(contentType: string | undefined): boolean {
  return contentType?.toLowerCase() === 'text/html'
}

export const htmlPage: Piece = { afterMs: 0, text: page }
