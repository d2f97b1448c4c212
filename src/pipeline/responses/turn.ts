/** One turn of a conversation on its way through the gate: what it asked of state, and what the answer has to be told about it. */
import type { Exchange } from '../../kernel/exchange.ts'
import type { JsonObject } from '../../model/json.ts'
import type { StoredResponse } from '../../stores/response-store.ts'
import type { StatefulAsk } from './ask.ts'

export interface Turn {
  readonly ask: StatefulAsk
  /** The items that are kept with this turn: a JSON array. Those that came with it, unless what it follows is kept nowhere else. */
  readonly input: string
  /** The kept answer that it follows. */
  readonly previousId?: string
  /** What it follows, oldest first. */
  readonly earlier: readonly StoredResponse[]
  readonly conversation?: StoredResponse['conversation']
  /** The id and times that the gateway gave it before it had an answer. */
  readonly promised?: PromisedResponse
  /** The client's own request, for answers that repeat it before a provider has. */
  readonly request: JsonObject
}

export interface PromisedResponse {
  readonly id: string
  /** The client reads the answer as a stream. */
  readonly streams: boolean
  /** Unix milliseconds. */
  readonly createdAt: number
}

const turns = new WeakMap<Exchange, Turn>()

export function setTurn(exchange: Exchange, turn: Turn): void {
  turns.set(exchange, turn)
}

export const turnOf = (exchange: Exchange): Turn | undefined => turns.get(exchange)
