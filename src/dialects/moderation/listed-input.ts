/** `input` as OpenAI and Mistral have it: a text, a list of texts, or, at OpenAI, a list of parts that are judged as one. */
import type { Body } from '../../kernel/body.ts'
import type { MemberReader } from '../../kernel/codec/member-reader.ts'
import { MemberReader as Reader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { ModerationInput, ModerationPart, ModerationRequest } from '../../model/moderation.ts'

const quote = 0x22
const openBracket = 0x5b
const openBrace = 0x7b

/** A list of parts is one input, a list of texts as many as it has. */
export function countListed(body: Body<ModerationRequest>): number {
  const spans = body.spans()
  const span = spans.get('input')
  const bytes = body.bytes()
  const first = span === undefined ? undefined : bytes[span.start]
  if (first === quote) return 1
  if (span === undefined || first !== openBracket)
    throw wrongType('input', 'a text, or an array of texts or of parts', span && spans.json('input'))
  const entries = spans.entries('input')
  if (entries === 0) throw invalidRequest('input', '`input` is empty: send at least one text.')
  let at = span.start + 1
  while ((bytes[at] ?? openBrace) <= 0x20) at++
  return bytes[at] === openBrace ? 1 : entries
}

export function readListed(reader: MemberReader, origin: string): ModerationInput[] {
  const input = reader.take('input')
  if (typeof input === 'string') {
    reader.note('single', true)
    return [ofText(input)]
  }
  if (!Array.isArray(input)) throw wrongType('input', 'a text, or an array of texts or of parts', input)
  if (input.length === 0) throw invalidRequest('input', '`input` is empty: send at least one text.')
  if (!isJsonObject(input[0]))
    return input.map((item, index) => {
      if (typeof item !== 'string') throw wrongType(joinPath('input', index), 'a text, as the others are', item)
      return ofText(item)
    })
  reader.note('parts', true)
  return [{ parts: input.map((item, index) => readPart(item, joinPath('input', index), origin)) }]
}

const ofText = (text: string): ModerationInput => ({ parts: [{ type: 'text', text }] })

function readPart(item: JsonValue, path: string, origin: string): ModerationPart {
  if (!isJsonObject(item)) throw wrongType(path, 'a part, as the others are', item)
  const reader = new Reader(origin, item, path)
  if (reader.peek('type') === 'text') {
    reader.take('type')
    const text = reader.requiredString('text')
    return { type: 'text', text, ...reader.node() }
  }
  if (reader.peek('type') === 'image_url') {
    reader.take('type')
    const url = reader.requiredNested('image_url').requiredString('url')
    return { type: 'image', url, ...reader.node() }
  }
  return { type: 'opaque', origin, value: item }
}

/** Throws a Fault (`not_expressible`) for parts of several inputs, which the protocol would judge as one. */
export function writeListed(writer: MemberWriter, inputs: readonly ModerationInput[], origin: string): JsonValue {
  const texts = inputs.map(({ parts }) => (parts.length === 1 && parts[0]?.type === 'text' ? parts[0].text : undefined))
  const [only] = inputs
  if (writer.note('parts') === true && only !== undefined && inputs.length === 1) return writeParts(only, origin)
  if (texts.every((text) => text !== undefined)) {
    const [single] = texts
    return writer.note('single') === true && texts.length === 1 && single !== undefined ? single : texts
  }
  if (only !== undefined && inputs.length === 1) return writeParts(only, origin)
  throw new Fault('not_expressible', `${origin} judges parts of one input alone: send one request for each.`, {
    param: 'input',
  })
}

function writeParts({ parts }: ModerationInput, origin: string): JsonValue[] {
  return parts.map((part, index) => {
    const writer = new MemberWriter(origin, part)
    switch (part.type) {
      case 'text':
        writer.set('type', 'text')
        writer.set('text', part.text)
        return writer.finish()
      case 'image':
        writer.set('type', 'image_url')
        writer.set('image_url.url', part.url)
        return writer.finish()
      case 'opaque': {
        if (part.origin === origin) return part.value
        const path = joinPath('input', index)
        throw new Fault('not_expressible', `${path} is neither a text nor a picture.`, { param: path })
      }
    }
  })
}
