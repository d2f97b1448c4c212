/** Makes the client's reply of a provider's complete answer, good or bad: verbatim where the dialect is the same, else translated. */
import type { ByteRope } from '../../bytes/byte-rope.ts'
import { parseJson } from '../../bytes/parse-json.ts'
import { Body } from '../../kernel/body.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { AnswerFacts } from '../../kernel/dialect.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { MediaFetcher } from '../../kernel/media-fetcher.ts'
import type { Reply } from '../../kernel/reply.ts'
import { imageUsage, withheldFault } from '../../kernel/codec/image/provider-side.ts'
import type { ChatResponse } from '../../model/chat.ts'
import type { ImageResponse } from '../../model/image.ts'
import { isJsonObject } from '../../model/json.ts'
import { makesImages } from '../../model/operation.ts'
import { Fault } from '../../model/fault.ts'
import { sumOfUsage } from '../sum-of-usage.ts'
import { imageReply, isPicture, pictureOf, withKind } from './image-reply.ts'
import { piecesReply, refuseOtherCount } from './pieces-reply.ts'
import type { InputAnswer } from './pieces-reply.ts'
import type { Prepared } from './outbound.ts'

interface Place {
  readonly exchange: Exchange
  readonly media: MediaFetcher | undefined
  readonly deployment: Deployment
  readonly prepared: Prepared
}

/** An answer of the provider's protocol that is not what the client asked for. */
export interface Unfit {
  readonly kind: 'unfit'
  readonly fault: Fault
  readonly facts: AnswerFacts
}

const json = 'application/json'

/**
 * Throws a Fault (`provider_malformed`) when the bytes are not an answer of the provider's protocol. A promise only where pictures have to be
 * fetched.
 */
export function completeAnswer(
  place: Place,
  status: number,
  headers: Record<string, string>,
  bytes: Uint8Array | ByteRope,
  now: number,
): Reply | Unfit | Promise<Reply> {
  const { exchange, deployment, prepared } = place
  const { dialect } = prepared.endpoint
  const inText = exchange.surface.dialect.answersInText === true
  if (exchange.head.stream && !inText)
    throw malformed(
      deployment,
      `instead of a stream it sent ${headers['content-type'] ?? 'something without a content type'}`,
    )
  if (bytes.length === 0) throw malformed(deployment, 'its answer is empty')
  const body = new Body(bytes, (value) => dialect.response.decode(value))
  let facts: AnswerFacts = {}
  try {
    if (isPicture(exchange, headers['content-type']))
      return imageAnswer(place, pictureOf(body.bytes()), { usage: imageUsage(undefined, 1) }, now)
    facts = dialect.facts(body, headers['content-type'])
    if (makesImages(exchange.surface.operation)) facts = withKind(facts, exchange, prepared)
    // A stream that was asked for has to be made of a document that came instead.
    const asAsked =
      prepared.verbatim && !exchange.head.stream && dialect.spelledOtherwise?.(exchange.body, body) !== true
    if (asAsked && facts.vectors !== undefined)
      refuseOtherCount(exchange.head.inputs, facts.vectors, 'vectors', deployment.provider)
    if (asAsked)
      return {
        kind: 'bytes',
        status,
        contentType: (inText ? headers['content-type'] : undefined) ?? json,
        bytes,
        facts,
      }
    const { operation } = exchange.surface
    if (operation === 'embed' || operation === 'moderate') {
      // Not `body.read()`: numbers of vectors need no digits beyond a double's, and to look for those takes longer than to parse.
      const pieces = dialect.response.decode(parseJson(textOf(body.bytes()))) as InputAnswer
      return piecesReply(exchange, prepared, pieces, facts, deployment.provider)
    }
    if (makesImages(operation)) {
      const pictures = body.read() as ImageResponse
      if (pictures.withheld !== undefined) return { kind: 'unfit', fault: withheldFault(pictures.withheld), facts }
      return imageAnswer(place, pictures, facts, now)
    }
    const chat = operation === 'chat'
    const given = chat ? identified(withAllUsage(body.read(), exchange), exchange.id, now) : body.read()
    const answer = prepared.reshaper?.response(given as ChatResponse) ?? given
    const encoded = exchange.surface.dialect.response.encode(answer, {
      model: facts.model ?? exchange.head.model,
      request: exchange.body.read(),
      answerId: exchange.id,
    })
    exchange.lost.push(...encoded.lost)
    const { safety } = answer as ChatResponse
    const told = safety === undefined ? facts : { ...facts, safety }
    const { contentType, text } = encoded.text ?? { contentType: json, text: JSON.stringify(encoded.json) }
    return { kind: 'bytes', status, contentType, bytes: text, facts: told }
  } catch (error) {
    if (error instanceof Fault && error.code === 'invalid_structured_output')
      return { kind: 'unfit', fault: error, facts }
    throw asFinding(deployment, error)
  }
}

/** What is wrong with an answer is the provider's fault, whichever codec found it. */
function asFinding(deployment: Deployment, error: unknown): unknown {
  const isWrong = error instanceof Fault && (error.side === 'client' || isFinding(error))
  return isWrong && error.code !== 'client_gone' ? malformed(deployment, error.message, error) : error
}

function imageAnswer(
  { exchange, deployment, prepared, media }: Place,
  response: ImageResponse,
  facts: AnswerFacts,
  now: number,
): Reply | Promise<Reply> {
  const { provider } = deployment
  const reply = imageReply({ exchange, prepared, provider, media, now }, response, facts)
  if (!(reply instanceof Promise)) return reply
  return reply.catch((error: unknown) => {
    throw asFinding(deployment, error)
  })
}

/** What a codec found wrong with the answer, rather than what the provider said. */
const isFinding = ({ code, upstream }: Fault): boolean => code === 'provider_malformed' && upstream === undefined

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')

/** The client is told all that its answer took, as the record is, answers that it does not get included. */
function withAllUsage(answer: unknown, { unfit }: Exchange): unknown {
  if (unfit.length === 0) return answer
  const { usage, ...rest } = answer as ChatResponse
  return usage === undefined ? rest : { ...rest, usage: sumOfUsage([...unfit.map((one) => one.usage), usage]) }
}

/** Id and time of the answer for protocols that must tell them, when the provider's tells none. */
function identified(answer: unknown, id: string, created: number): unknown {
  if (!isJsonObject(answer)) return answer
  return { ...answer, ...(answer['id'] === '' && { id }), ...(answer['created'] === undefined && { created }) }
}

/** The fault that a refusal amounts to, and the reply that passes the provider's own words on where the client speaks its protocol. */
export function refusedAnswer(
  { deployment, prepared }: Pick<Place, 'deployment' | 'prepared'>,
  status: number,
  headers: Record<string, string>,
  bytes: Uint8Array,
): { fault: Fault; verbatim?: Reply } {
  if (status < 400 || status > 599) {
    return {
      fault: malformed(
        deployment,
        status >= 300
          ? `it redirects (status ${status}), which the gateway does not follow`
          : `it answered with status ${status}`,
      ),
    }
  }
  const told = textOf(bytes)
  const text = deployment.redact(told)
  const parsed = parseIfJson(text)
  const decoded = prepared.endpoint.dialect.fault.decode(status, parsed ?? text, headers)
  const fault = new Fault(decoded.code, decoded.message, {
    ...(decoded.param !== undefined && { param: decoded.param }),
    ...(decoded.retryAfterMs !== undefined && { retryAfterMs: decoded.retryAfterMs }),
    status: decoded.status,
    upstream: { ...decoded.upstream, provider: deployment.provider, status },
  })
  // What concerns the gateway's own account at the provider is not passed on: see `toldToClient`.
  const ours = fault.code === 'provider_authentication' || fault.code === 'provider_billing'
  if (!prepared.verbatim || ours || parsed === undefined) return { fault }
  const retryAfter = headers['retry-after']
  return {
    fault,
    verbatim: {
      kind: 'bytes',
      status,
      contentType: json,
      bytes: text === told ? bytes : text,
      fault,
      ...(retryAfter !== undefined && readable.test(retryAfter) && { headers: { 'retry-after': retryAfter } }),
    },
  }
}

/** Seconds or a date. Anything else would be of no use to a client, and some of it could not even be sent. */
const readable = /^(?:\d{1,7}|[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT)$/

function parseIfJson(text: string): object | undefined {
  try {
    const value = parseJson(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function malformed(deployment: Deployment, how: string, cause?: unknown): Fault {
  return new Fault('provider_malformed', `${deployment.provider} left its protocol: ${how}`, {
    cause,
    upstream: { provider: deployment.provider },
  })
}
