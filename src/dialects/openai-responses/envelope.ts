/**
 * Output items are a level that the model does not have: an answer is a list of items there, some with several parts each. Which item
 * a part belongs to, and what else the item said, is noted on the parts, so that they become the same items again wherever they stand.
 */
import { define } from '../../kernel/codec/member-reader.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Node } from '../../model/node.ts'
import type { Part } from '../../model/part.ts'
import { dialectId, ownForm } from './dialect-id.ts'

/** A message has blocks, a reasoning item entries; any other item is one part. */
export type ItemKind = 'message' | 'reasoning' | 'other'

export interface ItemPlace {
  readonly kind: ItemKind
  /** The item's place among those of its message. */
  readonly ordinal: number
}

/** Marks `parts` as those of one item; the first one carries what `item` kept of the item itself. */
export function ofItem(parts: readonly Part[], place: ItemPlace, item?: Node): Part[] {
  return parts.map((part, index) => inItem(part, place, index === 0 ? item : undefined))
}

export function inItem(part: Part, { kind, ordinal }: ItemPlace, item: Node | undefined): Part {
  const form: JsonObject = { ...ownForm(part), item: ordinal, kind }
  if (item === undefined) return { ...part, form: { ...part.form, [dialectId]: form } }
  const kept = item.extra?.[dialectId]
  form['envelope'] = { form: { ...ownForm(item) }, ...(kept !== undefined && { extra: kept }) }
  if (kept === undefined) return { ...part, form: { ...part.form, [dialectId]: form } }
  // Another dialect has to report what the item had, so it is among the part's members; these are written apart here.
  const ofPart = part.extra?.[dialectId] ?? {}
  form['members'] = ofPart
  const all: JsonObject = { ...ofPart }
  for (const key of Object.keys(kept)) {
    const value = kept[key]
    if (value !== undefined) define(all, key, value)
  }
  return { ...part, extra: { ...part.extra, [dialectId]: all }, form: { ...part.form, [dialectId]: form } }
}

/** Where the part came from; undefined for parts that another dialect decoded. */
export function placeOf(part: Part): ItemPlace | undefined {
  const { item, kind } = ownForm(part) ?? {}
  if (typeof item !== 'number') return undefined
  return { ordinal: item, kind: kind === 'message' || kind === 'reasoning' ? kind : 'other' }
}

/** What was kept of the item that begins with `part`: the node to write it from. */
export function envelopeOf(part: Part | undefined): Node {
  const envelope = part === undefined ? undefined : ownForm(part)?.['envelope']
  const { form, extra } = isJsonObject(envelope) ? envelope : {}
  return {
    ...(isJsonObject(extra) && { extra: { [dialectId]: extra } }),
    ...(isJsonObject(form) && { form: { [dialectId]: form } }),
  }
}

/** The part without what belongs to its item. */
export function blockNode(part: Part): Node {
  const members = ownForm(part)?.['members']
  return isJsonObject(members) ? { ...part, extra: { [dialectId]: members } } : part
}

/** A part that stands for an item without any: it says nothing. */
export function isHollow(part: Part): boolean {
  return ownForm(part)?.['hollow'] === true
}
