/** What a request is kept together with others by: the same subject is sent to the same target. */
import { z } from 'zod'
import type { StrategyQuery } from './strategy.ts'

export const subjectSchema = z
  .string()
  .regex(/^(?:user|key|session|prefix|(?:header|metadata)\.[A-Za-z0-9._-]{1,64})$/, {
    error: 'must be `user`, `key`, `session`, `prefix`, `header.NAME` or `metadata.NAME`',
  })

/** Where clients say which conversation a request belongs to. */
const sessionHeaders = ['x-session-id', 'session_id', 'x-sluicegate-session']

/** Undefined where the request does not say. */
export function subjectOf(query: StrategyQuery, by: string): string | undefined {
  if (by.startsWith('header.')) return query.header(by.slice(7).toLowerCase())
  if (by.startsWith('metadata.')) return query.metadata[by.slice(9)]
  switch (by) {
    case 'user':
      return query.endUser
    case 'key':
      return query.key?.id
    case 'session':
      return sessionOf(query) ?? query.endUser
    default:
      return query.prefix === '' ? undefined : query.prefix
  }
}

function sessionOf(query: StrategyQuery): string | undefined {
  for (const name of sessionHeaders) {
    const value = query.header(name)
    if (value !== undefined) return value
  }
  return query.metadata['session_id']
}
