/** Answers in OpenAI's protocol of pictures: a list of them as base64 or URLs, or the events of a stream that ends with each. */
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import { imageUsage } from '../../kernel/codec/image/provider-side.ts'
import { openaiImageUsage, usageInOpenai } from '../../kernel/codec/image/openai-usage.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { throwIfOpenaiError } from '../../kernel/codec/openai-errors.ts'
import type { Body } from '../../kernel/body.ts'
import type { AnswerFacts, EncodeContext, Encoded } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { GeneratedImage, ImageRequest, ImageResponse } from '../../model/image.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { ImageWire } from './openai-request.ts'

export function decodeResponse({ id }: ImageWire, json: unknown): ImageResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  throwIfOpenaiError(json)
  const reader = new MemberReader(id, json, '')
  const data = reader.list('data')
  if (data === undefined) throw new Fault('provider_malformed', 'its answer has no `data`')
  const created = reader.number('created')
  const [background, format, size, quality] = ['background', 'output_format', 'size', 'quality'].map((key) =>
    reader.string(key),
  )
  const usage = openaiImageUsage(reader.take('usage'), id)
  return {
    images: data.map((item, index) => readImage(id, item, `data[${index}]`)),
    ...(created !== undefined && { created }),
    ...(background !== undefined && { background }),
    ...(format !== undefined && { format }),
    ...(size !== undefined && { size }),
    ...(quality !== undefined && { quality }),
    ...(usage !== undefined && { usage }),
    ...reader.node(),
  }
}

function readImage(id: string, item: JsonValue, path: string): GeneratedImage {
  if (!isJsonObject(item)) throw wrongType(path, 'an object', item)
  const reader = new MemberReader(id, item, path)
  const url = reader.string('url')
  const base64 = reader.string('b64_json')
  const revisedPrompt = reader.string('revised_prompt')
  return {
    ...(url !== undefined && { url }),
    ...(base64 !== undefined && { base64 }),
    ...(revisedPrompt !== undefined && { revisedPrompt }),
    ...reader.node(),
  }
}

/** Of what is passed through: the pictures themselves are not looked at. */
export function readFacts({ id }: ImageWire, body: Body<ImageResponse>): AnswerFacts {
  const spans = body.spans()
  const images = spans.entries('data')
  if (images === 0) {
    throwIfOpenaiError(body.json() as JsonObject)
    throw new Fault('provider_malformed', 'its answer has no picture in `data`')
  }
  const text = (key: string): string | undefined => {
    const value = spans.json(key)
    return typeof value === 'string' ? value : undefined
  }
  const told = openaiImageUsage((spans.json('usage') ?? undefined) as JsonValue | undefined, id)
  return { usage: imageUsage(told, images, { size: text('size'), quality: text('quality') }) }
}

export function encodeResponse(
  wire: ImageWire,
  answer: ImageResponse,
  { request, answeredAt }: EncodeContext<ImageRequest>,
): Encoded {
  const { id } = wire
  if (request?.stream === true) return { json: null, lost: [], text: inEvents(wire, answer, request, answeredAt) }
  const writer = new MemberWriter(id, answer)
  writer.set('created', answer.created ?? answeredAt)
  writer.set('background', answer.background)
  writer.set(
    'data',
    answer.images.map((image) => writeImage(id, image)),
  )
  writer.set('output_format', answer.format)
  writer.set('quality', answer.quality)
  writer.set('size', answer.size)
  writer.set('usage', usageInOpenai(answer.usage, id))
  const json = writer.finish()
  // What only this service tells of its pictures (seeds, what can be done next) goes along under a name that no protocol has.
  const foreign = foreignExtra(answer, id)
  return { json: foreign === undefined ? json : { ...json, extra: foreign }, lost: [] }
}

function writeImage(id: string, image: GeneratedImage): JsonObject {
  const writer = new MemberWriter(id, image)
  writer.set('b64_json', image.base64)
  writer.set('url', image.url)
  writer.set('revised_prompt', image.revisedPrompt)
  const foreign = foreignExtra(image, id)
  return foreign === undefined ? writer.finish() : { ...writer.finish(), extra: foreign }
}

function foreignExtra({ extra }: Pick<GeneratedImage, 'extra'>, id: string): JsonObject | undefined {
  const foreign = Object.entries(extra ?? {}).filter(([dialect]) => dialect !== id)
  return foreign.length === 0
    ? undefined
    : Object.fromEntries(foreign.flatMap(([, members]) => Object.entries(members)))
}

/** How events of the operation are called. */
export const eventName = ({ task }: ImageWire): string => (task === 'generate' ? 'image_generation' : 'image_edit')

/** The pictures, each the end of a stream: nobody told of them before they were there. */
function inEvents(
  wire: ImageWire,
  { images, usage, created, ...answer }: ImageResponse,
  request: ImageRequest,
  answeredAt = 0,
): { contentType: string; text: string } {
  const type = `${eventName(wire)}.completed`
  const whole = usageInOpenai(usage, wire.id) ?? noTokens
  const events = images.map((image, index) =>
    formatSseEvent({
      event: type,
      data: JSON.stringify({
        type,
        b64_json: image.base64 ?? '',
        // One that could not be fetched is better told of than lost.
        ...(image.base64 === undefined && image.url !== undefined && { url: image.url }),
        created_at: created ?? answeredAt,
        size: answer.size ?? request.size ?? 'auto',
        quality: answer.quality ?? request.quality ?? 'auto',
        background: answer.background ?? request.background ?? 'auto',
        output_format: answer.format ?? image.type?.replace('image/', '') ?? 'png',
        // What all of them took is told once.
        usage: index === images.length - 1 ? whole : noTokens,
      }),
    }),
  )
  return { contentType: 'text/event-stream', text: events.join('') }
}

const noTokens = {
  total_tokens: 0,
  input_tokens: 0,
  output_tokens: 0,
  input_tokens_details: { text_tokens: 0, image_tokens: 0 },
}
