/** What an assistant says, in requests and answers alike: thinking, images, text and calls of tools, as a list of parts in that order. */
import type { MemberReader } from '../../kernel/codec/member-reader.ts'
import type { Part } from '../../model/part.ts'
import { decodeImages } from './images.ts'
import type { Kind } from './kind.ts'
import type { CallIds } from './tool-calls.ts'
import { decodeToolCalls } from './tool-calls.ts'

/** `reader` is that of the object that holds what was said. */
export function decodeSaid(reader: MemberReader, kind: Kind, ids: CallIds): Part[] {
  const thinking = decodeThinking(reader, kind)
  if (kind.message === '') return [...thinking, ...decodeText(reader, kind.text)]
  return [...thinking, ...decodeImages(reader), ...decodeText(reader, kind.text), ...decodeToolCalls(reader, ids)]
}

function decodeThinking(reader: MemberReader, { id }: Kind): Part[] {
  const text = reader.string('thinking')
  if (text === '') reader.note('blankThinking', true)
  return text === undefined || text === '' ? [] : [{ type: 'reasoning', text, origin: id }]
}

/** The text is always written, even where there is none. */
export function decodeText(reader: MemberReader, key: string): Part[] {
  const text = reader.string(key)
  if (text === undefined && !reader.has(key)) reader.noteAbsent(key)
  return text === undefined || text === '' ? [] : [{ type: 'text', text }]
}
