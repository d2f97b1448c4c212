/**
 * Reasoning items. One has summaries, perhaps texts, and an encrypted form, each a part in the model; the item's id is the proof
 * (`signature`) that all of them share, so that other protocols' clients hand back what becomes the same item again. What another
 * provider reasoned is shown to clients of this protocol too, with the proof that its owner asks for sealed in `encrypted_content`.
 */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { sealReasoning, unsealReasoning } from '../../kernel/codec/reasoning-envelope.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Part, ReasoningPart } from '../../model/part.ts'
import { opaqueBlock } from './content-decode.ts'
import { dialectId, ownForm } from './dialect-id.ts'
import { blockNode, envelopeOf, isHollow, ofItem } from './envelope.ts'
import { MemberReader, MemberWriter } from './members.ts'

/** The lists of a reasoning item, and the type of what stands in them. */
const lists = { summary: 'summary_text', content: 'reasoning_text' } as const
type List = keyof typeof lists

/** `returned`: a client hands it back, so it may be another provider's. What a provider says is its own, whatever it looks like. */
export function decodeReasoning(json: JsonObject, path: string, ordinal: number, returned: boolean): Part[] {
  const reader = new MemberReader(json, path)
  reader.take('type')
  const id = reader.string('id')
  if (id !== undefined) reader.note('id', id)
  reader.keep(['status'])
  const summary = decodeList(reader, 'summary')
  const content = decodeList(reader, 'content')
  const encrypted = reader.string('encrypted_content')
  const sealed = returned && encrypted !== undefined ? unsealReasoning(encrypted) : undefined
  if (sealed !== undefined) return [{ type: 'reasoning', text: textOf([...summary, ...content]), ...sealed }]
  const signature = id === undefined || id === '' ? {} : { signature: id }
  const own = { origin: dialectId, ...signature, form: { [dialectId]: {} } }
  const parts = [...summary, ...content].map((part) => (part.type === 'reasoning' ? { ...part, ...signature } : part))
  if (encrypted !== undefined) parts.push({ type: 'reasoning', text: '', encrypted, ...own })
  if (parts.length === 0) parts.push({ type: 'reasoning', text: '', ...own, form: { [dialectId]: { hollow: true } } })
  return ofItem(parts, { kind: 'reasoning', ordinal }, reader.node())
}

function decodeList(reader: MemberReader, list: List): Part[] {
  return (reader.list(list) ?? []).map((entry, index) => decodeEntry(entry, joinPath(reader.at(list), index), list))
}

export function decodeEntry(json: JsonValue, path: string, list: List): Part {
  if (!isJsonObject(json)) throw wrongType(path, 'an object', json)
  if (json['type'] !== lists[list] || typeof json['text'] !== 'string') return opaqueBlock(json, list)
  const reader = new MemberReader(json, path)
  reader.take('type')
  const text = reader.requiredString('text')
  return { type: 'reasoning', text, ...(list === 'summary' && { summary: true }), origin: dialectId, ...reader.node() }
}

function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
}

/** The item of parts that are this dialect's own. `id` is for one that has none, where it needs one. */
export function encodeReasoning(parts: readonly Part[], id: string | undefined): JsonObject {
  const [first] = parts
  const writer = new MemberWriter(envelopeOf(first))
  const decoded = writer.form !== undefined
  const known = parts.find((part): part is ReasoningPart => part.type === 'reasoning' && part.signature !== undefined)
  const encrypted = parts.find(
    (part): part is ReasoningPart => part.type === 'reasoning' && part.encrypted !== undefined,
  )
  writer.set('type', 'reasoning')
  writer.set('id', known?.signature ?? writer.note('id') ?? id)
  writer.restore(['status'])
  for (const list of ['summary', 'content'] as const) {
    const entries = parts.flatMap((part) => encodeEntry(part, list))
    // Summaries must be told, if only that there are none.
    if (entries.length > 0 || (list === 'summary' && !decoded)) writer.set(list, entries)
  }
  writer.set('encrypted_content', encrypted?.encrypted)
  return writer.finish()
}

function encodeEntry(part: Part, list: List): JsonValue[] {
  if (part.type === 'opaque') return ownForm(part)?.['list'] === list ? [part.value] : []
  if (part.type !== 'reasoning' || isBare(part) || listOf(part) !== list) return []
  const writer = new MemberWriter(blockNode(part))
  writer.set('type', lists[list])
  writer.set('text', part.text)
  return [writer.finish()]
}

export function listOf(part: ReasoningPart): List {
  return part.summary === true ? 'summary' : 'content'
}

/** Carries an id or an encrypted form, and shows nothing. */
export function isBare(part: ReasoningPart): boolean {
  return isHollow(part) || (part.text === '' && (part.encrypted !== undefined || ownForm(part) === undefined))
}

/** The item that shows what another provider reasoned. */
export function encodeForeignReasoning(part: ReasoningPart, id: string): JsonObject {
  const entry: JsonObject = { type: lists[listOf(part)], text: part.text }
  const shown = part.text !== ''
  return {
    type: 'reasoning',
    id,
    summary: shown && part.summary === true ? [entry] : [],
    ...(shown && part.summary !== true && { content: [entry] }),
    encrypted_content: sealReasoning(part),
  }
}
