/**
 * Makes the client's reply of a provider's pictures: looks at what they are, and turns URLs into bytes or bytes into URLs where the client
 * asked for what the provider does not give.
 */
import { mediaSignature } from '../../bytes/media-signature.ts'
import type { AnswerFacts } from '../../kernel/dialect.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { MediaFetcher } from '../../kernel/media-fetcher.ts'
import type { BytesReply } from '../../kernel/reply.ts'
import { Fault } from '../../model/fault.ts'
import type { GeneratedImage, ImageRequest, ImageResponse } from '../../model/image.ts'
import { makesImages } from '../../model/operation.ts'
import type { Usage } from '../../model/usage.ts'
import type { Prepared } from './outbound.ts'

/** An answer that is a picture itself and no document about one. */
export function isPicture(exchange: Exchange, contentType: string | undefined): boolean {
  return makesImages(exchange.surface.operation) && contentType?.toLowerCase().startsWith('image/') === true
}

export const pictureOf = (bytes: Uint8Array): ImageResponse => ({
  images: [{ base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64') }],
})

interface Place {
  readonly exchange: Exchange
  readonly prepared: Prepared
  readonly provider: string
  readonly media: MediaFetcher | undefined
  /** Unix seconds. */
  readonly now: number
}

/** A promise only where something has to be fetched. Throws a Fault (`provider_malformed`) for what is no picture. */
export function imageReply(
  place: Place,
  response: ImageResponse,
  facts: AnswerFacts,
): BytesReply | Promise<BytesReply> {
  const { exchange, prepared, provider, media } = place
  const request = exchange.body.read() as ImageRequest
  const wanted = request.stream ? 'b64_json' : request.answerAs
  const images = response.images.map((image) => recognised(image, provider))
  const complete = (made: readonly GeneratedImage[]): BytesReply => {
    const whole = { ...response, images: made.map((image) => asWanted(image, wanted)) }
    const told = withKind(facts, exchange, prepared)
    if (prepared.inputs !== undefined)
      return { kind: 'bytes', status: 200, contentType: 'application/json', bytes: '', facts: told, part: whole }
    return wholeImages(exchange, whole, told, place.now)
  }
  if (wanted !== 'b64_json' || images.every(({ base64 }) => base64 !== undefined)) return complete(images)
  return Promise.all(images.map((image) => fetched(image, exchange, media, provider))).then(complete)
}

/** The answer in the client's protocol. */
export function wholeImages(exchange: Exchange, response: ImageResponse, facts: AnswerFacts, now: number): BytesReply {
  const { json, lost, text } = exchange.surface.dialect.response.encode(response, {
    model: facts.model ?? exchange.head.model,
    request: exchange.body.read(),
    answerId: exchange.id,
    answeredAt: now,
  })
  exchange.lost.push(...lost)
  return {
    kind: 'bytes',
    status: 200,
    contentType: text?.contentType ?? 'application/json',
    bytes: text?.text ?? JSON.stringify(json),
    facts,
  }
}

/** What prices depend on is what the answer says, else what was asked for. */
export function withKind(facts: AnswerFacts, { head }: Exchange, { inputs }: Pick<Prepared, 'inputs'>): AnswerFacts {
  const { usage } = facts
  if (usage === undefined || usage.unitKinds !== undefined || head.unitKinds === undefined) return facts
  const images = usage.units?.['images'] ?? inputs ?? head.units?.['images'] ?? 1
  const counted: Usage = { ...usage, units: { ...usage.units, images }, unitKinds: head.unitKinds }
  return { ...facts, usage: counted }
}

/** Characters of base64 that show what a file is. */
const shownLength = 800

function recognised(image: GeneratedImage, provider: string): GeneratedImage {
  const inUrl = image.url === undefined ? undefined : dataIn(image.url)
  const { url: _, ...rest } = image
  const whole = inUrl === undefined ? image : { ...rest, base64: inUrl }
  if (whole.base64 === undefined) return whole
  const head = Buffer.from(whole.base64.slice(0, shownLength), 'base64')
  const signature = mediaSignature(head)
  if (signature !== undefined && !signature.type.startsWith('image/'))
    throw notAPicture(provider, `what it calls a picture is ${signature.name} (${signature.type})`)
  if (head.length === 0) throw notAPicture(provider, 'a picture of its answer is empty')
  return { ...whole, ...(signature !== undefined && { type: signature.type }) }
}

const dataIn = (url: string): string | undefined =>
  url.startsWith('data:') ? url.slice(url.indexOf(',', 0) + 1) : undefined

function asWanted(image: GeneratedImage, wanted: ImageRequest['answerAs']): GeneratedImage {
  const { url, base64, ...rest } = image
  if (wanted === 'b64_json' && base64 !== undefined) return { ...rest, base64 }
  // Nobody keeps pictures here that a URL could lead to: the data is in the URL itself.
  if (wanted === 'url' && url === undefined && base64 !== undefined)
    return { ...rest, url: `data:${image.type ?? 'image/png'};base64,${base64}` }
  return image
}

/** A picture that was paid for is worth more by its URL than not at all. */
async function fetched(
  image: GeneratedImage,
  exchange: Exchange,
  media: MediaFetcher | undefined,
  provider: string,
): Promise<GeneratedImage> {
  const { url, ...rest } = image
  if (image.base64 !== undefined || url === undefined) return image
  try {
    const found = await media?.fetch(url, exchange.signal)
    if (found?.mediaType.startsWith('image/') === true) return { ...rest, base64: found.base64, type: found.mediaType }
    if (found !== undefined) throw notAPicture(provider, `the URL of its answer leads to ${found.mediaType}`)
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'media_not_fetched') throw error
  }
  exchange.lost.push({
    path: 'response_format',
    kind: 'adapted',
    reason: `${provider} gave a URL, and what it leads to could not be fetched`,
  })
  return image
}

const notAPicture = (provider: string, how: string): Fault =>
  new Fault('provider_malformed', `${provider} left its protocol: ${how}`, { upstream: { provider } })
