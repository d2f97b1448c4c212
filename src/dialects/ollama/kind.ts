/**
 * Ollama's two ways to ask, which share settings, metrics and framing: a conversation (`/api/chat`) and a prompt (`/api/generate`).
 * What tells them apart is where an answer holds what was said. https://docs.ollama.com/api
 */
import type { Node } from '../../model/node.ts'

export interface Kind {
  /** Dialect id: owns members and spellings of the model. */
  readonly id: 'ollama-chat' | 'ollama-generate'
  /** The member of an answer that holds what was said; empty where the answer itself does. */
  readonly message: 'message' | ''
  /** The name of the text there. */
  readonly text: 'content' | 'response'
}

export const chat: Kind = { id: 'ollama-chat', message: 'message', text: 'content' }
export const generate: Kind = { id: 'ollama-generate', message: '', text: 'response' }

/** Whether the dialect of this kind decoded the node. */
export function isOwn(node: Node, { id }: Kind): boolean {
  return node.form?.[id] !== undefined
}
