/** What both protocols' writers give back: a body, or the events of a stream, with what pacing has to know of each. */
import type { Answer } from './answer.ts'
import type { CacheUse } from './prompt-cache.ts'
import type { SimProblem } from './problem.ts'
import type { Turn } from './turn.ts'

export interface WireEvent {
  /** As it stands in the stream, its blank line included. */
  readonly text: string
  /** Tokens that came with it: what it waits for. */
  readonly tokens: number
}

export interface WireUsage {
  readonly promptTokens: number
  readonly cache: CacheUse
}

/** What is new with every call, even for the same request. */
export interface WireCall {
  /** Letters and digits. */
  readonly id: string
  /** Unix seconds. */
  readonly created: number
  /** The same in milliseconds. */
  readonly at: number
  readonly usage: WireUsage
}

export interface WireError {
  readonly status: number
  readonly message: string
  /** Overrides the usual type for the status. */
  readonly type?: string | undefined
  readonly code?: SimProblem['code']
  readonly param?: SimProblem['param']
}

/** One protocol's side of an answer. */
export interface Wire {
  /** Prepares everything that the same request can share. */
  body(model: string, turn: Turn, answer: Answer): (call: WireCall) => string
  /** Of a long answer they are made while they are sent, or a client that does not read could fill the memory. */
  events(model: string, turn: Turn, answer: Answer, chunk: number): (call: WireCall) => Iterable<WireEvent>
  error(error: WireError, id: string): string
  /** The error as an event of a stream. */
  errorEvent(error: WireError, id: string): string
  /** Header that carries the request's id. */
  readonly idHeader: string
}

/** Answers of more tokens than this are worked out again rather than kept, and their events made while they are sent. */
export const mostKept = 256

/** Tokens in groups, as one chunk carries them; `at` is the first one's place. */
export function* grouped(
  tokens: readonly string[],
  size: number,
): Generator<{ text: string; tokens: number; at: number }> {
  for (let at = 0; at < tokens.length; at += size) {
    const group = tokens.slice(at, at + size)
    yield { text: group.join(''), tokens: group.length, at }
  }
}
