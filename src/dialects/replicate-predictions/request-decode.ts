/** Decodes the request for a prediction. Inputs that no other protocol has stay unmodelled. https://replicate.com/docs/reference/http */
import type { Body } from '../../kernel/body.ts'
import { defined } from '../../kernel/codec/defined.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { promptMessages } from '../../kernel/codec/one-text/prompt.ts'
import { readSettings } from '../../kernel/codec/one-text/settings.ts'
import { headStream, requestSpans } from '../../kernel/codec/request-head.ts'
import type { RequestAddress, RequestHead } from '../../kernel/dialect.ts'
import type { ChatRequest, Message } from '../../model/chat.ts'
import { isJsonObject } from '../../model/json.ts'
import { mediaFromUrl } from '../../model/media.ts'
import type { ImagePart } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'
import { familyOf, limitNames } from './model-family.ts'

/** All of them but the limit, which has several names. */
const { maxOutputTokens: _, ...names } = familyOf('').names

export function readHead(body: Body<ChatRequest>, address: RequestAddress = {}): RequestHead {
  const spans = requestSpans(body)
  const input = spans.json('input')
  if (!isJsonObject(input)) throw wrongType('input', 'an object', input)
  const stream = headStream(spans, address.stream ?? false)
  const limit = limitNames.map((name) => input[name]).find((value) => value !== undefined && value !== null)
  return {
    model: address.model ?? '',
    stream,
    ...(typeof limit === 'number' && Number.isInteger(limit) && limit > 0 && { maxOutputTokens: limit }),
  }
}

export function decodeRequest(json: unknown, address: RequestAddress = {}): ChatRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(dialectId, json, '')
  const stream = reader.boolean('stream')
  if (stream === false) reader.noteExplicit('stream')
  const input = reader.requiredNested('input')
  const prompt = input.string('prompt')
  if (prompt === undefined && !input.has('prompt')) input.noteAbsent('prompt')
  const instructions = input.string('system_prompt')
  if (instructions === '') reader.note('blankInstructions', true)
  const images = readImages(reader, input)
  const settings = {
    ...readSettings(input, names),
    ...defined({ stop: readStops(reader, input), ...readLimit(reader, input) }),
  }
  const messages = promptMessages(dialectId, prompt ?? '', instructions)
  return {
    model: address.model ?? '',
    stream: stream ?? address.stream ?? false,
    messages: images.length === 0 ? messages : messages.map((message) => withImages(message, images)),
    ...settings,
    ...reader.node(),
  }
}

const withImages = (message: Message, images: readonly ImagePart[]): Message =>
  message.role === 'user' ? { ...message, parts: [...images, ...message.parts] } : message

function readLimit(reader: MemberReader, input: MemberReader): { maxOutputTokens?: number | undefined } {
  const name = limitNames.find((one) => (input.peek(one) ?? null) !== null)
  if (name === undefined) return {}
  reader.note('limit', name)
  return { maxOutputTokens: input.integer(name, 1) }
}

/** One text in which commas set them apart. */
function readStops(reader: MemberReader, input: MemberReader): string[] | undefined {
  const text = input.string('stop_sequences')
  if (text === '') reader.note('blankStops', true)
  return text === undefined || text === '' ? undefined : text.split(',')
}

function readImages(reader: MemberReader, input: MemberReader): ImagePart[] {
  const one = input.string('image')
  if (one !== undefined) {
    reader.note('images', 'image')
    return [imageOf(one)]
  }
  const list = input.strings('image_input') ?? []
  if (list.length > 0) reader.note('images', 'image_input')
  return list.map(imageOf)
}

const imageOf = (url: string): ImagePart => ({ type: 'image', source: mediaFromUrl(url) })
