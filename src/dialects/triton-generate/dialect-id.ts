/** The id under which this dialect owns members and spellings of the model. */
import type { Node } from '../../model/node.ts'

export const dialectId = 'triton-generate'

/** Whether this dialect decoded the node. */
export function isOwn(node: Node): boolean {
  return node.form?.[dialectId] !== undefined
}
