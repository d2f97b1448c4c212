/**
 * Hands a prediction's event stream on, with what the service's stream leaves out: events `prediction` with the JSON of the calls around
 * it. The first tells whose answer it is, the last, before `done`, what it took.
 */
import { SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import type { TransportHandler } from '../../kernel/transport.ts'
import type { JsonObject } from '../../model/json.ts'

const predictionEvent = (json: JsonObject): string =>
  formatSseEvent({ event: 'prediction', data: JSON.stringify(json) })

export interface HeardStream {
  /** `done` has come, and is held back until `close`. */
  onDone(): void
  /** The service says that the prediction has failed. */
  onFailed(): void
}

export class StreamRelay {
  readonly #handler: TransportHandler
  readonly #prediction: JsonObject
  readonly #heard: HeardStream
  #reader: SseReader | undefined
  #done: SseEvent | undefined

  constructor(handler: TransportHandler, prediction: JsonObject, heard: HeardStream) {
    this.#handler = handler
    this.#prediction = prediction
    this.#heard = heard
  }

  /** What is no event stream goes through as it is. */
  head(status: number, headers: Record<string, string>): void {
    this.#handler.onHead(status, headers)
    if (status >= 300 || headers['content-type']?.toLowerCase().startsWith('text/event-stream') === false) return
    this.#reader = new SseReader()
    this.#tell(predictionEvent(this.#prediction))
  }

  /** Throws for a line that is too long. */
  data(chunk: Uint8Array): void {
    if (this.#reader === undefined) this.#handler.onData(chunk)
    else this.#take(this.#reader.push(chunk))
  }

  /** The service's stream has ended; whether it was whole is for its reader to see. */
  end(): void {
    if (this.#reader !== undefined) this.#take(this.#reader.end())
    if (this.#done === undefined) this.#handler.onEnd()
  }

  /** The end that was held back, after what the prediction took. */
  close(metrics: JsonObject | undefined): void {
    if (metrics !== undefined) this.#tell(predictionEvent({ metrics }))
    this.#tell(formatSseEvent(this.#done ?? { event: 'done', data: '{}' }))
    this.#handler.onEnd()
  }

  #take(events: readonly SseEvent[]): void {
    for (const event of events) {
      if (this.#done !== undefined) return
      if (event.event === 'done') {
        this.#done = event
        return this.#heard.onDone()
      }
      if (event.event === 'error') this.#heard.onFailed()
      this.#tell(formatSseEvent(event))
    }
  }

  #tell(text: string): void {
    this.#handler.onData(Buffer.from(text))
  }
}

/** A prediction that has ended, as the stream that it would have been: for models that do not stream. */
export function streamOf(prediction: JsonObject): string {
  const { output, error, status } = prediction
  const pieces = (Array.isArray(output) ? output : [output]).filter((piece) => typeof piece === 'string')
  const end =
    status === 'succeeded'
      ? formatSseEvent({ event: 'done', data: '{}' })
      : formatSseEvent({
          event: 'error',
          data: JSON.stringify({ detail: error ?? 'The prediction did not succeed.' }),
        })
  return predictionEvent(prediction) + pieces.map((data) => formatSseEvent({ event: 'output', data })).join('') + end
}
