/**
 * Memory of one client's connection: what its last answers were, kept nowhere else when the client does not want them stored. Only
 * connections that stay open between turns have one.
 */
import type { Exchange } from '../../kernel/exchange.ts'
import type { StoredResponse } from '../../stores/response-store.ts'

export interface ResponseSession {
  /** The answer and what it follows from, oldest first. */
  chain(id: string): readonly StoredResponse[] | undefined
  keep(turns: readonly StoredResponse[]): void
}

const sessions = new WeakMap<Exchange, ResponseSession>()

export function attachSession(exchange: Exchange, session: ResponseSession): void {
  sessions.set(exchange, session)
}

export const sessionOf = (exchange: Exchange): ResponseSession | undefined => sessions.get(exchange)

const warmups = new WeakSet<Exchange>()

/** The turn is only to be remembered, for others to follow; the model says nothing. */
export function markWarmup(exchange: Exchange): void {
  warmups.add(exchange)
}

export const isWarmup = (exchange: Exchange): boolean => warmups.has(exchange)
