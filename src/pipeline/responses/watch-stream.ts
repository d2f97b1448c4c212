/** Watches the client's own event stream for the answer in it: the same for streams that were passed through and translated ones. */
import { SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import type { StreamSource } from '../../kernel/reply.ts'
import type { JsonObject } from '../../model/json.ts'
import { isTerminal, lifecycleEvent } from './response-json.ts'

export interface StreamWatch {
  /** Changes the answer in an event; absent where every byte stays as it is. */
  readonly edit?: (response: JsonObject) => JsonObject
  /** The answer is complete, as it is told and as it came; called before the event that says so is handed on. */
  readonly done: (told: JsonObject, original: JsonObject) => void
  /** The largest event that is looked into. */
  readonly maxEventBytes: number
}

type Chunk = Uint8Array | string

export function watchStream(source: StreamSource, { edit, done, maxEventBytes }: StreamWatch): StreamSource {
  const reader = new SseReader({ maxLineBytes: maxEventBytes })
  /** What cannot be read any more goes on as it comes. */
  let blind = false

  function seen(event: SseEvent): SseEvent {
    const found = lifecycleEvent(event.data)
    if (found === undefined) return event
    const response = edit === undefined ? found.response : edit(found.response)
    if (isTerminal(found['type'])) done(response, found.response)
    return edit === undefined ? event : { ...event, data: JSON.stringify({ ...found, response }) }
  }

  function pass(chunk: Chunk): Chunk {
    const events = read(() => reader.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk))
    // Comments alone keep a connection alive.
    if (events === undefined || edit === undefined || (events.length === 0 && reader.atBoundary)) return chunk
    return events.map(formatSseEvent).join('')
  }

  function read(take: () => SseEvent[]): SseEvent[] | undefined {
    if (blind) return undefined
    try {
      return take().map(seen)
    } catch {
      blind = true
      return undefined
    }
  }

  return {
    start(sink) {
      source.start({
        write(chunk) {
          const out = pass(chunk)
          return out.length === 0 || sink.write(out)
        },
        end(summary) {
          const rest = read(() => reader.end()) ?? []
          if (edit !== undefined && rest.length > 0) sink.write(rest.map(formatSseEvent).join(''))
          sink.end(summary)
        },
      })
    },
    resume: () => source.resume(),
  }
}
