/** Watches the client's own event stream for the answer in it: the same for streams that were passed through and translated ones. */
import { SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import type { StreamSink, StreamSource } from '../../kernel/reply.ts'
import type { JsonObject } from '../../model/json.ts'
import { isTerminal, lifecycleEvent } from './response-json.ts'

export interface StreamWatch {
  /** Changes the answer in an event; absent where every byte stays as it is. */
  readonly edit?: (response: JsonObject) => JsonObject
  /** The answer is complete, as it is told and as it came; called before the event that says so is handed on. */
  readonly done: (told: JsonObject, original: JsonObject) => void
}

export function watchStream(source: StreamSource, watch: StreamWatch): StreamSource {
  const reader = new SseReader()
  const { edit } = watch

  function seen(event: SseEvent): SseEvent {
    const found = lifecycleEvent(event.data)
    if (found === undefined) return event
    const response = edit === undefined ? found.response : edit(found.response)
    if (isTerminal(found['type'])) watch.done(response, found.response)
    return edit === undefined ? event : { ...event, data: JSON.stringify({ ...found, response }) }
  }

  function pass(chunk: Uint8Array | string): Uint8Array | string {
    const events = reader.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk).map(seen)
    if (edit === undefined) return chunk
    // Comments alone keep a connection alive.
    if (events.length === 0 && reader.atBoundary) return chunk
    return events.map(formatSseEvent).join('')
  }

  return {
    start(sink) {
      const watching: StreamSink = {
        write(chunk) {
          const out = pass(chunk)
          return out.length === 0 || sink.write(out)
        },
        end(summary) {
          const rest = reader.end().map(seen)
          if (edit !== undefined && rest.length > 0) sink.write(rest.map(formatSseEvent).join(''))
          sink.end(summary)
        },
      }
      source.start(watching)
    },
    resume: () => source.resume(),
  }
}
