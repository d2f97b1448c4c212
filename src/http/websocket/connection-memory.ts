/**
 * What a WebSocket connection remembers of its own answers, within bounds: they can be followed on it although the client does not
 * want them stored. It dies with the connection.
 */
import type { ResponseSession } from '../../pipeline/responses/session.ts'
import type { StoredResponse } from '../../stores/response-store.ts'

/** Answers that can be followed; the oldest is forgotten first. */
const mostAnswers = 16

export class ConnectionMemory implements ResponseSession {
  readonly #chains = new Map<string, readonly StoredResponse[]>()
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  chain(id: string): readonly StoredResponse[] | undefined {
    return this.#chains.get(id)
  }

  keep(turns: readonly StoredResponse[]): void {
    const id = turns.at(-1)?.id
    const size = turns.reduce((sum, { input, response }) => sum + input.length + response.length, 0)
    if (id === undefined || size > this.#maxBytes) return
    this.#chains.delete(id)
    this.#chains.set(id, turns)
    const [oldest] = this.#chains.keys()
    if (this.#chains.size > mostAnswers && oldest !== undefined) this.#chains.delete(oldest)
  }
}
