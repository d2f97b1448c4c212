/** The answer to a request to count tokens: how many the model would read. */
import type { Node } from './node.ts'

export interface TokenCount extends Node {
  readonly inputTokens: number
}
