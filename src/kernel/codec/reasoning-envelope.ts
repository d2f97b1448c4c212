/**
 * Reasoning that is not Anthropic's own, carried through clients of the Messages API. Their thinking blocks have a `signature`, which
 * clients hand back untouched: there the gateway notes who wrote the reasoning and the proof that its provider asks for, so that the
 * next turn can return it to that provider and to no other.
 */
import { parseJson } from '../../bytes/parse-json.ts'
import type { ReasoningPart } from '../../model/part.ts'
import { isJsonObject } from '../../model/json.ts'

const prefix = 'sluicegate:'
/** What a signature of this gateway begins with in JSON text: a search for it tells whether a body carries foreign reasoning. */
export const envelopeMark = `"${prefix}`

/** Where nothing says who wrote the reasoning: no provider will accept it as its own. */
export const unknownOrigin = 'unknown'

type Sealed = Pick<ReasoningPart, 'origin' | 'signature' | 'encrypted' | 'summary'>

/** The `signature` of a thinking block that shows reasoning of another dialect's provider. */
export function sealReasoning(part: Sealed): string {
  const proof = {
    ...(part.signature !== undefined && { signature: part.signature }),
    ...(part.encrypted !== undefined && { encrypted: part.encrypted }),
    ...(part.summary !== undefined && { summary: part.summary }),
  }
  const body = Object.keys(proof).length === 0 ? '' : `:${Buffer.from(JSON.stringify(proof)).toString('base64url')}`
  return `${prefix}${part.origin}${body}`
}

/** Reads what `sealReasoning` wrote; undefined for any other signature. A damaged one has an unknown origin. */
export function unsealReasoning(signature: string): Sealed | undefined {
  if (!signature.startsWith(prefix)) return undefined
  const match = /^([a-z0-9][a-z0-9-]*)(?::([A-Za-z0-9_-]+))?$/.exec(signature.slice(prefix.length))
  if (match?.[1] === undefined) return { origin: unknownOrigin }
  if (match[2] === undefined) return { origin: match[1] }
  const proof = parsed(Buffer.from(match[2], 'base64url').toString('utf8'))
  if (!isJsonObject(proof)) return { origin: unknownOrigin }
  const { signature: inner, encrypted, summary } = proof
  return {
    origin: match[1],
    ...(typeof inner === 'string' && { signature: inner }),
    ...(typeof encrypted === 'string' && { encrypted }),
    ...(typeof summary === 'boolean' && { summary }),
  }
}

function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
