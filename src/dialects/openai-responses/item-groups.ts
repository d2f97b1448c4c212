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

export function placed(parts: readonly Part[]): Placed[] {
  return parts.map((part, at) => ({ part, at }))
}

export function groupItems(parts: readonly Placed[]): ItemGroup[] {
  const groups: { kind: ItemKind; members: Placed[] }[] = []
  const named = new Map<string, Placed[]>()
  let open: string | undefined
  for (const { part, at } of parts) {
    const key = itemKey(part)
    const known = key === undefined ? undefined : namesItem(part) ? named.get(key) : undefined
    const last = groups.at(-1)
    if (known !== undefined) known.push({ part, at })
    else if (last !== undefined && key !== undefined && key === open) last.members.push({ part, at })
    else {
      const members = [{ part, at }]
      groups.push({ kind: itemKind(part), members })
      if (key !== undefined && namesItem(part)) named.set(key, members)
    }
    open = closesItem(part) ? undefined : key
  }
  return inOrder(groups)
}

/** Items that all came in this protocol, in their order there: of a stream their parts may have begun in another one. */
function inOrder(groups: ItemGroup[]): ItemGroup[] {
  const ordinal = ({ members: [first] }: ItemGroup): number | undefined => first && placeOf(first.part)?.ordinal
  if (groups.some((group) => ordinal(group) === undefined)) return groups
  return groups.toSorted((one, other) => (ordinal(one) ?? 0) - (ordinal(other) ?? 0))
}

/** What the part has in common with those of its item is the item's own, so that they need not stand side by side. */
export function namesItem(part: Part): boolean {
  return placeOf(part) !== undefined || (part.type === 'reasoning' && (part.signature ?? '') !== '')
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
  return part.type === 'reasoning' && !namesItem(part) && part.encrypted !== undefined
}
