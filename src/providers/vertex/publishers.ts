/**
 * Which publisher a model of Vertex AI is of, and where it is asked. Names may tell the publisher (`meta/llama-4-…`,
 * `publishers/google/models/…`); bare ones tell it by their beginnings, as Google's own model pages name them.
 */
import { pathStep } from '../../kernel/path-step.ts'

export interface PublishedModel {
  readonly publisher: string
  /** Its name with the publisher. */
  readonly name: string
}

const beginnings: readonly (readonly [RegExp, string])[] = [
  [/^claude-/, 'anthropic'],
  [/^(?:mistral|ministral|codestral|pixtral|magistral|devstral)-/, 'mistralai'],
  [/^llama-/, 'meta'],
]

export function published(model: string): PublishedModel {
  const path = /^(?:publishers\/)?([^/]+)\/(?:models\/)?([^/]+)$/.exec(model)
  const [, publisher, name] = path ?? []
  if (publisher !== undefined && name !== undefined && publisher !== 'endpoints') return { publisher, name }
  return { publisher: beginnings.find(([beginning]) => beginning.test(model))?.[1] ?? 'google', name: model }
}

/** The path of a model that is asked by a method; a tuned one by its endpoint, `endpoints/123`. */
export function methodPath(model: string, method: string): string {
  const endpoint = /^endpoints\/([A-Za-z0-9-]+)$/.exec(model)?.[1]
  if (endpoint !== undefined) return `/endpoints/${endpoint}:${method}`
  const { publisher, name } = published(model)
  return `/publishers/${segment(publisher)}/models/${segment(name)}:${method}`
}

/** `@` stands before the version of a model, and colons lead to no other method. */
const segment = (text: string): string => pathStep(text).replaceAll('%40', '@')
