/** Ranking documents by how much they have to do with a question, in every protocol's terms at once. */
import type { JsonValue } from './json.ts'
import type { Node } from './node.ts'
import type { Usage } from './usage.ts'

export interface TextDocument extends Node {
  readonly type: 'text'
  readonly text: string
}

/** What no other dialect could say: pictures, records whose fields are to be ranked. */
export interface OpaqueDocument extends Node {
  readonly type: 'opaque'
  readonly origin: string
  readonly value: JsonValue
}

export type RerankDocument = TextDocument | OpaqueDocument

export interface RerankRequest extends Node {
  readonly model: string
  readonly query: string
  readonly documents: readonly RerankDocument[]
  /** The most results wanted; all documents if absent. */
  readonly topN?: number
  /** Whether the documents come back with their ranks. */
  readonly returnDocuments?: boolean
  /** Tokens of a document that are looked at. */
  readonly maxTokensPerDocument?: number
}

export interface RerankResult extends Node {
  /** Which of the request's documents. */
  readonly index: number
  /** The higher the better; comparable within one answer alone. */
  readonly score: number
  readonly document?: RerankDocument
}

export interface RerankResponse extends Node {
  readonly id?: string
  /** Empty where the provider does not name it. */
  readonly model: string
  /** The best first. */
  readonly results: readonly RerankResult[]
  readonly usage?: Usage
}
