/**
 * How a service of a protocol spells what the protocol's owner spells otherwise: data that a provider's offer states and the dialect's
 * encoder follows. It matters only for requests that another dialect decoded; a client of the same protocol is taken at its word.
 */
import type { EmbeddingTask } from '../model/embedding.ts'

/** How reasoning is asked for where there is more to it than a level of effort. */
export interface ReasoningSpelling {
  /**
   * The member that turns it on and off: `thinking.type` with `enabled` and `disabled`, the others with true and false. None where
   * leaving the other members out is the only way.
   */
  readonly switch?: 'thinking.type' | 'enable_thinking' | 'reasoning.enabled'
  /** The member that takes a number of tokens. */
  readonly budget?: 'thinking_budget' | 'thinking.budget_tokens' | 'reasoning.max_tokens' | 'reasoning_budget'
  /** The member that takes a level of effort. */
  readonly effort?: 'reasoning_effort' | 'reasoning.effort'
}

/** How a service for vectors is told what they are for. */
export interface TaskSpelling {
  readonly member: string
  /** Its words; of several tasks with the same word the first is the one that it means. */
  readonly words: Readonly<Partial<Record<EmbeddingTask, string>>>
}

export interface Spelling {
  readonly seed?: 'random_seed'
  readonly reasoning?: ReasoningSpelling
  readonly embeddingTask?: TaskSpelling
}
