/**
 * Takes off what some services of AWS wrap the stream of a model in: their binary events, each with a piece of it. Behind this the
 * answer is what the model's own protocol says it is, so that its dialect reads it and clients of that dialect get it as it came.
 */
import { AwsEventError } from '../bytes/aws-event-headers.ts'
import type { AwsEventMessage } from '../bytes/aws-event-message.ts'
import { AwsEventReader } from '../bytes/aws-event-reader.ts'
import { TransportError } from './transport.ts'
import type { TransportHandler } from './transport.ts'

export interface WrappedEvents {
  /** What an event holds, as text of an event stream; perhaps nothing (length 0). */
  event(payload: Uint8Array): Uint8Array | string
  /** An error event in the protocol of what is inside. `kind` is AWS's word for it, which begins with a small letter or a large one. */
  exception(kind: string, message: string): string
  /** What was held back, at the end of the stream. */
  end?(): string
}

const wrapped = 'application/vnd.amazon.eventstream'

/** The handler to give to the transport: anything but such a stream goes through as it is. */
export function awsEventsAsSse(inner: TransportHandler, events: () => WrappedEvents): TransportHandler {
  let reading: { readonly reader: AwsEventReader; readonly events: WrappedEvents } | undefined
  let failed = false
  const fail = (failure: 'malformed' | 'reset', message: string): void => {
    failed = true
    inner.onError(new TransportError(failure, message))
  }
  return {
    onHead(status, headers) {
      const isWrapped = headers['content-type']?.toLowerCase().startsWith(wrapped) === true
      if (isWrapped) reading = { reader: new AwsEventReader(), events: events() }
      inner.onHead(status, isWrapped ? { ...headers, 'content-type': 'text/event-stream' } : headers)
    },
    onData(chunk) {
      if (failed) return
      if (reading === undefined) return inner.onData(chunk)
      try {
        for (const message of reading.reader.push(chunk)) {
          const text = textOf(message, reading.events)
          if (text.length > 0) inner.onData(typeof text === 'string' ? Buffer.from(text) : text)
        }
        // Damage behind whole messages is told by the next call.
        reading.reader.push(new Uint8Array(0))
      } catch (error) {
        if (!(error instanceof AwsEventError)) throw error
        fail('malformed', error.message)
      }
    },
    onEnd() {
      if (failed) return
      if (reading?.reader.atBoundary === false) return fail('reset', 'the event stream broke off inside a message')
      const rest = reading?.events.end?.() ?? ''
      if (rest !== '') inner.onData(Buffer.from(rest))
      inner.onEnd()
    },
    onError(error) {
      if (!failed) inner.onError(error)
    },
  }
}

function textOf({ headers, payload }: AwsEventMessage, events: WrappedEvents): Uint8Array | string {
  const header = (name: string): string | undefined => {
    const value = headers.get(name)
    return value?.type === 'string' ? value.value : undefined
  }
  const kind = header(':exception-type') ?? header(':error-code')
  if (header(':message-type') === 'event' || kind === undefined) return events.event(payload)
  return events.exception(kind, header(':error-message') ?? messageIn(payload) ?? kind)
}

/** `{"message":"…"}`, in either spelling; the payload of an exception is nothing else. */
function messageIn(payload: Uint8Array): string | undefined {
  const text = /"[mM]essage"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(Buffer.from(payload).toString('utf8'))?.[1]
  try {
    const message: unknown = text === undefined ? undefined : JSON.parse(text)
    return typeof message === 'string' ? message : undefined
  } catch {
    return undefined
  }
}
