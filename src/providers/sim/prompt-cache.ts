/**
 * What the simulated service remembers of earlier prompts, as the real ones' prompt caches do: prefixes that clients marked
 * (Anthropic), or long prefixes that came before (OpenAI). Bounded, and forgetful after a while.
 */
import type { Clock } from '../../kernel/clock.ts'
import { hashText } from './seeded.ts'
import { countTokens, splitTokens } from './tokens.ts'
import type { PromptPiece } from './turn.ts'

/** A place in the prompt up to which it can be cached. */
export interface Prefix {
  readonly hash: number
  /** Tokens of the prompt up to here. */
  readonly tokens: number
  readonly life: '5m' | '1h'
}

export interface CacheUse {
  readonly read: number
  readonly written5m: number
  readonly written1h: number
}

const noCacheUse: CacheUse = { read: 0, written5m: 0, written1h: 0 }

const lives = { '5m': 300_000, '1h': 3_600_000 } as const
/** OpenAI caches prompts of this many tokens or more, in steps of so many. */
const shortest = 1024
const step = 128

export function promptTokens(prompt: readonly PromptPiece[]): number {
  let tokens = 0
  for (const piece of prompt) tokens += countTokens(piece.text) + piece.tokens
  return tokens
}

/** The prefixes that the client marked. */
export function markedPrefixes(prompt: readonly PromptPiece[]): Prefix[] {
  const prefixes: Prefix[] = []
  let hash = 1
  let tokens = 0
  for (const { text, tokens: more, mark } of prompt) {
    hash = hashText(text, hash)
    tokens += countTokens(text) + more
    if (mark !== undefined) prefixes.push({ hash, tokens, life: mark })
  }
  return prefixes
}

/** Every prefix of a long prompt that ends at a step. */
export function longPrefixes(prompt: readonly PromptPiece[]): Prefix[] {
  const prefixes: Prefix[] = []
  let hash = 2
  let tokens = 0
  let next = shortest
  const count = (more: number): void => {
    tokens += more
    if (tokens < next) return
    next = Math.floor(tokens / step) * step
    prefixes.push({ hash, tokens: next, life: '5m' })
    next += step
  }
  for (const piece of prompt) {
    for (const token of splitTokens(piece.text)) {
      hash = hashText(token, hash)
      count(1)
    }
    count(piece.tokens)
  }
  return prefixes
}

export class PromptCache {
  /** Prefix hash → monotonic time when it is forgotten; the least recently used first. */
  readonly #known = new Map<number, number>()
  readonly #clock: Clock
  readonly #limit: number

  constructor(clock: Clock, limit = 16_384) {
    this.#clock = clock
    this.#limit = limit
  }

  /** Looks the prefixes (ascending) up, and remembers them all. */
  use(prefixes: readonly Prefix[]): CacheUse {
    if (prefixes.length === 0) return noCacheUse
    const now = this.#clock.monotonic()
    let read = 0
    let written5m = 0
    let written1h = 0
    let reached = 0
    for (const { hash, tokens, life } of prefixes) {
      const known = (this.#known.get(hash) ?? -Infinity) > now
      if (known) {
        read = tokens
        written5m = 0
        written1h = 0
      } else if (life === '1h') written1h += tokens - reached
      else written5m += tokens - reached
      reached = tokens
      this.#known.delete(hash)
      this.#known.set(hash, now + lives[life])
    }
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#limit) break
      this.#known.delete(oldest)
    }
    return { read, written5m, written1h }
  }
}
