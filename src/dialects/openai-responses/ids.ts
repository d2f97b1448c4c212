/**
 * Ids. An answer of another provider gets one of the gateway's own, and its items get theirs from it by their place, so that a stream
 * and a plain answer agree. Ids of calls and users that are longer than OpenAI takes become a digest of themselves, the same each time.
 */
import { createHash } from 'node:crypto'

/** Longest that OpenAI takes of a call's id or of an end user's. */
const longestId = 64
/** What is left for the answer's part in the id of an item. */
const longestBase = 48

const prefixes = {
  message: 'msg',
  reasoning: 'rs',
  function: 'fc',
  custom: 'ctc',
  image: 'ig',
} as const

export type ItemIds = (kind: keyof typeof prefixes, index: number) => string

/** What ids are made from; `own` is the provider's id, for where the gateway gave none. */
export function idBase(answerId: string | undefined, own: string): string {
  const base = (answerId ?? own).replaceAll(/[^a-zA-Z0-9_-]/g, '').slice(-longestBase)
  return base === '' ? '0' : base
}

export function itemIds(base: string): ItemIds {
  return (kind, index) => `${prefixes[kind]}_${base}_${index}`
}

export function sendableCallId(id: string): string {
  return id.length <= longestId && id !== '' ? id : `call_${digest(id).slice(0, longestId - 5)}`
}

/** Undefined when the id can be sent as it is. */
export function shortUserId(id: string): string | undefined {
  return id.length <= longestId ? undefined : digest(id)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
