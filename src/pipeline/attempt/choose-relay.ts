/** How an answer that is no whole document reaches the client: as it comes, translated event by event, as media, or media in events. */
import type { AnswerFacts, PassedStream } from '../../kernel/dialect.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { ChatRequest } from '../../model/chat.ts'
import type { Redact } from '../../model/fault.ts'
import type { Usage } from '../../model/usage.ts'
import { inputEstimateOf } from '../input-estimate.ts'
import { sumOfUsage } from '../sum-of-usage.ts'
import { MediaEventsRelay, MediaRelay, UnwrappingRelay } from './media-relay.ts'
import type { Prepared } from './outbound.ts'
import { PassThroughRelay, TranslatingRelay, passedStreamOf, streamCodecOf } from './relay.ts'
import type { Relay } from './relay.ts'

export interface Answering {
  readonly exchange: Exchange
  readonly provider: string
  /** Takes out of what the provider says what clients are not to hear. */
  readonly redact: Redact
  readonly prepared: Prepared
  /** Unix seconds. */
  readonly created: number
}

export interface ChosenRelay {
  readonly relay: Relay
  /** Of the answer to the client, where it is the provider's own. */
  readonly contentType?: string
  /** Set where the answer is a stream of events. */
  readonly passed?: PassedStream
}

/** Undefined for an answer that is taken in whole. */
export function chooseRelay(answering: Answering, contentType: string | undefined): ChosenRelay | undefined {
  const { exchange, prepared } = answering
  const { dialect } = prepared.endpoint
  const { stream } = exchange.head
  const given = contentType?.toLowerCase()
  const { media } = dialect
  if (media?.wrapped !== undefined && given?.startsWith(media.wrapped.contentType) === true) {
    const reader = media.wrapped.reader(exchange.body.read())
    const { relay, ...chosen } = mediaRelay(answering, reader.contentType, () => reader.facts())
    return { ...chosen, relay: new UnwrappingRelay(reader, relay) }
  }
  if (media !== undefined && (given === undefined ? !stream : media.is(given)))
    return mediaRelay(answering, contentType ?? 'application/octet-stream')
  const passed = stream ? passedStreamOf(dialect) : undefined
  if (passed === undefined || (given !== undefined && !given.startsWith(passed.contentType))) return undefined
  return { relay: streamRelay(answering, passed), passed }
}

/** `facts`: what the answer itself tells by now. */
function mediaRelay(
  { exchange, provider }: Answering,
  contentType: string,
  facts: () => AnswerFacts = () => ({}),
): ChosenRelay {
  const { head, surface } = exchange
  const total = head.usualOutput ?? 0
  const events = surface.dialect.media?.events
  const stream = head.stream ? passedStreamOf(surface.dialect) : undefined
  if (stream === undefined || events === undefined) return { relay: new MediaRelay(total), contentType }
  const guessed = { input: { total: inputEstimateOf(exchange) }, output: { total }, estimated: true }
  const usage = (): Usage => facts().usage ?? guessed
  return { relay: new MediaEventsRelay({ events, stream, provider, usage }) }
}

function streamRelay({ exchange, provider, redact, prepared, created }: Answering, passed: PassedStream): Relay {
  const { endpoint, verbatim, withholdUsage, reshaper } = prepared
  if (verbatim) return new PassThroughRelay(passed, withholdUsage, provider, redact)
  const request = exchange.body.read() as ChatRequest
  const framing = exchange.address?.framing
  const { unfit } = exchange
  return new TranslatingRelay(
    streamCodecOf(endpoint.dialect),
    streamCodecOf(exchange.surface.dialect),
    {
      model: exchange.head.model,
      streamUsage: request.streamUsage === true,
      created,
      redact,
      request,
      answerId: exchange.id,
      ...(unfit.length > 0 && { consumedBefore: sumOfUsage(unfit.map(({ usage }) => usage)) }),
      ...(framing !== undefined && { framing }),
    },
    provider,
    reshaper?.events(),
  )
}
