/** Searching a store of documents for passages that have to do with a question, in every protocol's terms at once. */
import type { JsonObject, JsonValue } from './json.ts'
import type { Node } from './node.ts'

export type SearchComparison = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'nin'

/** What the attributes of a document must be. */
export type SearchFilter =
  | { readonly type: SearchComparison; readonly key: string; readonly value: JsonValue }
  | { readonly type: 'and' | 'or'; readonly filters: readonly SearchFilter[] }

export interface SearchRequest extends Node {
  /** The store, as its provider calls it. */
  readonly model: string
  readonly queries: readonly string[]
  readonly maxResults?: number
  readonly filter?: SearchFilter
  /** Whether the queries may be put in other words first. */
  readonly rewrite?: boolean
  /** What puts the results in order, in the client's word. */
  readonly ranker?: string
  /** Results below it are not wanted. */
  readonly minScore?: number
}

export interface SearchResult extends Node {
  /** Where the document is, or its id. */
  readonly source: string
  readonly filename: string
  readonly score: number
  readonly attributes?: JsonObject
  readonly texts: readonly string[]
}

export interface SearchResponse extends Node {
  /** As they were searched for; empty where the provider does not tell. */
  readonly queries: readonly string[]
  /** The best first. */
  readonly results: readonly SearchResult[]
  /** What asks for more of them. */
  readonly nextPage?: string
}
