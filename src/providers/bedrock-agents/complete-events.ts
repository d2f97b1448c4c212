/**
 * An agent answers with a stream of events always. Where a complete answer was asked for, they are put together to what AWS's own SDKs give:
 * a list of events, and the session beside it. An exception among them becomes the error answer that it would have been.
 */
import { AwsEventError } from '../../bytes/aws-event-headers.ts'
import { AwsEventReader } from '../../bytes/aws-event-reader.ts'
import type { AwsEventMessage } from '../../bytes/aws-event-message.ts'
import { exceptionKind } from '../../kernel/codec/aws-errors.ts'
import { TransportError } from '../../kernel/transport.ts'
import type { TransportHandler } from '../../kernel/transport.ts'

const binary = 'application/vnd.amazon.eventstream'
/** Bytes of an answer; more than any text. */
const longest = 64 << 20

/** Anything but such a stream goes through as it is. */
export function completeEvents(inner: TransportHandler): TransportHandler {
  let reader: AwsEventReader | undefined
  let headers: Record<string, string> = {}
  let events: string[] = []
  let [size, over] = [0, false]

  const fail = (failure: 'malformed' | 'reset', message: string): void => {
    over = true
    events = []
    inner.onError(new TransportError(failure, message))
  }
  const answer = (status: number, more: Record<string, string>, body: string | Uint8Array): void => {
    over = true
    inner.onHead(status, { ...headers, ...more, 'content-type': 'application/json' })
    inner.onData(typeof body === 'string' ? Buffer.from(body) : body)
    inner.onEnd()
  }
  const take = ({ headers: about, payload }: AwsEventMessage): void => {
    const text = (name: string): string => {
      const header = about.get(name)
      return header?.type === 'string' ? header.value : ''
    }
    if (text(':message-type') === 'event') {
      const json = payload.length === 0 ? '{}' : Buffer.from(payload).toString('utf8')
      events.push(`{${JSON.stringify(text(':event-type'))}:${json}}`)
      return
    }
    const { type, status } = exceptionKind(text(':exception-type') || text(':error-code'))
    const said = text(':error-message')
    answer(status, { 'x-amzn-errortype': type }, said === '' ? payload : JSON.stringify({ message: said }))
  }

  return {
    onHead(status, given) {
      if (status >= 300 || given['content-type']?.toLowerCase().startsWith(binary) !== true)
        return inner.onHead(status, given)
      reader = new AwsEventReader()
      headers = given
    },
    onData(chunk) {
      if (over) return
      if (reader === undefined) return inner.onData(chunk)
      size += chunk.length
      if (size > longest) return fail('malformed', 'the answer is longer than any text')
      try {
        for (const message of reader.push(chunk)) if (!over) take(message)
        // Damage behind whole messages is told by the next call.
        if (!over) reader.push(new Uint8Array(0))
      } catch (error) {
        if (!(error instanceof AwsEventError)) throw error
        fail('malformed', error.message)
      }
    },
    onEnd() {
      if (over) return
      if (reader === undefined) return inner.onEnd()
      if (!reader.atBoundary) return fail('reset', 'the event stream broke off inside a message')
      const session = headers['x-amz-bedrock-agent-session-id']
      const told = session === undefined ? '' : `"sessionId":${JSON.stringify(session)},`
      answer(200, {}, `{${told}"completion":[${events.join(',')}]}`)
    },
    onError(error) {
      if (!over) inner.onError(error)
    },
  }
}
