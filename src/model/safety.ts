/**
 * What a provider's own safety checks said of a prompt or an answer: one form for every provider, with its own words beside it, so
 * that each protocol can tell of it in the shape its clients know.
 */
import type { JsonValue } from './json.ts'

/** The categories that providers have in common; anything else is told by the provider's own word, lower-case. */
export type SafetyCategory =
  | 'harassment'
  | 'hate'
  | 'sexual'
  | 'dangerous'
  | 'violence'
  | 'self-harm'
  | 'civic-integrity'
  | 'jailbreak'
  | 'copyright'
  | (string & {})

export type SafetyLevel = 'negligible' | 'low' | 'medium' | 'high'

export interface SafetyRating {
  readonly category: SafetyCategory
  /** How likely, or how severe, in the provider's judgement. */
  readonly level?: SafetyLevel
  /** From 0 to 1. */
  readonly score?: number
  /** This rating is why something was withheld. */
  readonly blocked?: boolean
}

/** One verdict: of the prompt, or of one choice of the answer. */
export interface SafetyVerdict {
  readonly of: 'input' | 'output'
  /** The choice it is about, for outputs. */
  readonly choice?: number
  /** Something was refused, cut off or withheld because of it. */
  readonly blocked: boolean
  readonly ratings: readonly SafetyRating[]
  /** Why, in the provider's words. */
  readonly reason?: string
  /** Dialect id, and the verdict as that dialect wrote it: re-emitted by it alone. */
  readonly origin: string
  readonly raw?: JsonValue
}
