/** What every item of a streamed answer is while it is written, and where it writes to. */
import type { PartDelta } from '../../model/chat-event.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'

/** Where an item writes to: an event of its own, and what could not be said. */
export interface ItemOutput {
  emit(type: string, members: JsonObject): void
  collect<T>(encode: (lost: Loss[]) => T): T
}

export interface ItemWriter {
  readonly index: number
  readonly id: string
  /** Parts that are not at their end. */
  readonly open: number
  /** The item as it is. */
  json(status: string): JsonObject
  start(part: number, value: Part, path: string): void
  delta(part: number, delta: PartDelta): void
  end(part: number): void
}

export interface ItemSlot {
  readonly index: number
  /** For items that have no id of their own. */
  readonly id: string
}

/** What is told of a part in pieces. */
export function textOf(part: Part): string {
  return part.type === 'text' || part.type === 'refusal' || part.type === 'reasoning' ? part.text : ''
}

/** The part as it begins: what was told with its start is told in events of its own. */
export function withoutText(part: Part): Part {
  if (part.type === 'text') {
    const { citations: _, ...rest } = part
    return { ...rest, text: '' }
  }
  return part.type === 'refusal' || part.type === 'reasoning' ? { ...part, text: '' } : part
}
