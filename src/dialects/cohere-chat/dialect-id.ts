/** The id under which this dialect owns members, spellings and blocks of the model, and the look-up of what it owns. */
import type { JsonObject } from '../../model/json.ts'
import type { Node } from '../../model/node.ts'

export const dialectId = 'cohere-chat'

/** How this dialect spelled the node; absent on nodes that another dialect decoded. */
export function ownForm(node: Node): JsonObject | undefined {
  return node.form?.[dialectId]
}

/** Whether this dialect decoded the node. */
export function isOwn(node: Node): boolean {
  return ownForm(node) !== undefined
}
