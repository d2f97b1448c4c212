/** Embeddings in every protocol's terms at once: what is to become a vector, and the vectors in the same order. */
import type { JsonValue } from './json.ts'
import type { Node } from './node.ts'
import type { Usage } from './usage.ts'

/** What a vector is for, where the model makes different ones of the same text. */
export const embeddingTasks = [
  'retrieval-query',
  'retrieval-document',
  'semantic-similarity',
  'classification',
  'clustering',
  'question-answering',
  'fact-verification',
  'code-retrieval-query',
] as const

export type EmbeddingTask = (typeof embeddingTasks)[number]

interface InputNode extends Node {
  readonly task?: EmbeddingTask
  /** Of the document that the text is from. */
  readonly title?: string
  /** Where inputs of one request are to have vectors of different lengths; otherwise the request says it. */
  readonly dimensions?: number
}

export interface TextInput extends InputNode {
  readonly type: 'text'
  readonly text: string
}

/** Tokens of the model's own tokenizer, for services that take them in place of text. */
export interface TokensInput extends InputNode {
  readonly type: 'tokens'
  readonly tokens: readonly number[]
}

/** What no other dialect could say: pictures, sounds, parts of unknown kinds. */
export interface OpaqueInput extends InputNode {
  readonly type: 'opaque'
  readonly origin: string
  readonly value: JsonValue
}

export type EmbeddingInput = TextInput | TokensInput | OpaqueInput

export interface EmbeddingRequest extends Node {
  readonly model: string
  readonly inputs: readonly EmbeddingInput[]
  /** Length of the vectors, where the model has a choice. */
  readonly dimensions?: number
  /** How the client wants the numbers spelled, in protocols that leave it the choice. */
  readonly encoding?: 'float' | 'base64'
  readonly endUser?: string
}

/** Numbers, or the base64 of their bytes as little-endian 32-bit floats. */
export type VectorValues = readonly number[] | string

export interface EmbeddingVector extends Node {
  readonly values: VectorValues
}

export interface EmbeddingResponse extends Node {
  /** Empty where the provider does not name it. */
  readonly model: string
  /** One for each input, in their order. */
  readonly vectors: readonly EmbeddingVector[]
  readonly usage?: Usage
}
