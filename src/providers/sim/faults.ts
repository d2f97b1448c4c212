/** Does to an answer what the fault parameters ask for: breaks it, stops it, cuts it, swells it. */
import type { Parameters } from './parameters.ts'
import type { SimAnswer, SimChunk } from './reply.ts'
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
export function paced(events: readonly WireEvent[], { ttft = 0, tps }: Parameters): Piece[] {
  const perToken = tps === undefined ? 0 : 1000 / tps
  let first = true
  return events.map(({ text, tokens }) => {
    if (tokens === 0) return { afterMs: 0, text }
    const wait = first ? ttft : tokens * perToken
    first = false
    return { afterMs: wait, text }
  })
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
  original: readonly Piece[],
  parameters: Parameters,
  stream: boolean,
): Pick<SimAnswer, 'chunks' | 'ending' | 'gzip'> {
  const { stall, cut, malformed, trickle, huge, gzip, after = stallDefault } = parameters
  let pieces = [...original]
  let ending: SimAnswer['ending'] = 'end'
  if (malformed !== undefined) {
    if (stream)
      pieces = pieces.map((piece, at) => (at + 1 === malformed ? { ...piece, text: brokenEvent(piece.text) } : piece))
    else pieces = pieces.slice(0, Math.ceil(pieces.length / 2))
  }
  if (stall !== undefined) {
    const at = Math.min(after, pieces.length)
    if (stall === Infinity) {
      pieces = pieces.slice(0, at)
      ending = 'hang'
    } else pieces = [...pieces.slice(0, at), { afterMs: stall, text: '' }, ...pieces.slice(at)]
  }
  if (cut !== undefined && cut <= pieces.length) {
    pieces = pieces.slice(0, cut)
    ending = 'cut'
  }
  const chunks = huge === undefined ? encoded(pieces) : padded(pieces, huge)
  return {
    chunks: trickle === undefined ? chunks : trickled(chunks, trickle),
    ending,
    gzip: gzip === undefined || gzip === 'false' ? 'none' : gzip === 'corrupt' ? 'corrupt' : 'valid',
  }
}

/** The page that proxies send where JSON was expected. */
export function isPage(contentType: string | undefined): boolean {
  return contentType?.toLowerCase() === 'text/html'
}

export const htmlPage: Piece = { afterMs: 0, text: page }
