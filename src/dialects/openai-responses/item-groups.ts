/** Which parts of a message make one item: those that came as one, or what would be one in this protocol. */
import type { Part } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'
import { placeOf } from './envelope.ts'
import type { ItemKind } from './envelope.ts'

export interface Placed {
  readonly part: Part
  /** Position among the message's parts. */
  readonly at: number
}

export interface ItemGroup {
  readonly kind: ItemKind
  readonly members: readonly Placed[]
}

export function groupItems(parts: readonly Part[]): ItemGroup[] {
  const groups: { kind: ItemKind; members: Placed[] }[] = []
  let open: string | undefined
  for (const [at, part] of parts.entries()) {
    const key = itemKey(part)
    const last = groups.at(-1)
    if (last !== undefined && key !== undefined && key === open) last.members.push({ part, at })
    else groups.push({ kind: itemKind(part), members: [{ part, at }] })
    open = closesItem(part) ? undefined : key
  }
  return groups
}

/** What the parts of one item have in common; undefined for a part that is an item by itself. */
export function itemKey(part: Part): string | undefined {
  const kind = itemKind(part)
  const place = placeOf(part)
  if (kind === 'other') return undefined
  if (place !== undefined) return `${kind} ${place.ordinal}`
  if (kind === 'message') return kind
  return part.type === 'reasoning' && part.origin === dialectId ? `reasoning of ${part.signature ?? ''}` : undefined
}

export function itemKind(part: Part): ItemKind {
  const place = placeOf(part)
  if (place !== undefined) return place.kind
  if (part.type === 'text' || part.type === 'refusal') return 'message'
  return part.type === 'reasoning' ? 'reasoning' : 'other'
}

/** The encrypted form comes last in an item whose parts have nothing but their order in common. */
export function closesItem(part: Part): boolean {
  return part.type === 'reasoning' && placeOf(part) === undefined && part.encrypted !== undefined
}
