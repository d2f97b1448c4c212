/** `text`: the form of the answer, flat in this protocol, and how wordy it is. */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { OutputFormat } from '../../model/chat.ts'
import { isJsonObject } from '../../model/json.ts'
import type { MemberReader, MemberWriter } from './members.ts'

/** Forms that only one service knows (grammars) stay unmodelled. */
export function decodeFormat(text: ReturnType<MemberReader['nested']>): OutputFormat | undefined {
  const value = text?.peek('format')
  const type = isJsonObject(value) ? value['type'] : undefined
  if (text === undefined || value === undefined) return undefined
  if (value !== null && typeof type !== 'string')
    throw isJsonObject(value)
      ? wrongType('text.format.type', 'a string', type)
      : wrongType('text.format', 'an object with a `type`', value)
  if (typeof type === 'string' && type !== 'text' && type !== 'json_object' && type !== 'json_schema') return undefined
  const format = text.nested('format')
  if (format === undefined) return undefined
  format.take('type')
  if (type === 'text') return { type: 'text' }
  if (type === 'json_object') return { type: 'json' }
  const name = format.string('name')
  const description = format.string('description')
  const schema = format.take('schema')
  if (!isJsonObject(schema)) throw wrongType(format.at('schema'), 'an object: a JSON Schema', schema)
  const strict = format.boolean('strict')
  return {
    type: 'json-schema',
    schema,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  }
}

export function writeFormat(writer: MemberWriter, format: OutputFormat, own: boolean): void {
  switch (format.type) {
    case 'text':
      writer.set('text.format.type', 'text')
      break
    case 'json':
      writer.set('text.format.type', 'json_object')
      break
    case 'json-schema':
      writer.set('text.format.type', 'json_schema')
      // A name is required; where the other protocol has none, any will do.
      writer.set('text.format.name', format.name ?? (own ? undefined : 'response'))
      writer.set('text.format.description', format.description)
      writer.set('text.format.schema', format.schema)
      writer.set('text.format.strict', format.strict)
  }
}
