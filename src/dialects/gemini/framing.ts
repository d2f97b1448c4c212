/**
 * How chunks of a stream are set apart: as server-sent events, or as one JSON array for clients that did not ask for events
 * (`alt=sse`). An error ends either in the way that Google's own SDKs find.
 */
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import type { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { googleErrorBody } from '../../kernel/codec/google-errors.ts'

export interface Framing {
  chunk(json: JsonObject): string
  /** What keeps a connection alive between chunks and says nothing to anybody. */
  ping(): string
  /** The error that ends the stream, and what closes it. */
  fault(fault: Fault): string
  /** What closes the stream. */
  end(): string
}

/**
 * Readers of events get the error as one. Google itself writes it as plain JSON behind the events, which is all that its SDKs take for
 * an error (an event without candidates they pass over): so that follows, on a line that means nothing to readers of events. No
 * comment is ever written, which one of them takes for a broken chunk.
 */
export function eventError(fault: Fault): string {
  const json = JSON.stringify(googleErrorBody(fault))
  return `${formatSseEvent({ data: json })}${json}\n`
}

export function eventFraming(): Framing {
  return {
    chunk: (json) => formatSseEvent({ data: JSON.stringify(json) }),
    ping: () => '\n',
    fault: eventError,
    end: () => '',
  }
}

export function arrayFraming(): Framing {
  let begun = false
  let closed = false
  const element = (json: JsonObject): string => {
    const before = begun ? '\r\n,\r\n' : '['
    begun = true
    return before + JSON.stringify(json)
  }
  const close = (): string => {
    if (closed) return ''
    closed = true
    return begun ? ']' : '[]'
  }
  return {
    chunk: (json) => (closed ? '' : element(json)),
    // White space may stand anywhere between elements.
    ping: () => (begun && !closed ? '\n' : ''),
    fault: (fault) => (closed ? '' : element(googleErrorBody(fault)) + close()),
    end: close,
  }
}
