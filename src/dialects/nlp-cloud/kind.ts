/**
 * NLP Cloud's two ways to ask a language model: a text to go on with (`generation`), and a conversation (`chatbot`). As its official
 * clients speak them: github.com/nlpcloud/nlpcloud-js 2.0.8, nlpcloud-python 1.1.47 and nlpcloud-go, read 2026-11-27.
 */
import type { Node } from '../../model/node.ts'

export interface Kind {
  /** Dialect id: owns members and spellings of the model. */
  readonly id: 'nlp-cloud-generation' | 'nlp-cloud-chatbot'
  /** The member of an answer that holds what was said. */
  readonly text: 'generated_text' | 'response'
  /** What an answer is, for the complaint about one that is not. */
  readonly answer: string
  /** Counts tokens. */
  readonly counts: boolean
}

export const generation: Kind = {
  id: 'nlp-cloud-generation',
  text: 'generated_text',
  answer: 'a generated text of NLP Cloud',
  counts: true,
}

export const chatbot: Kind = {
  id: 'nlp-cloud-chatbot',
  text: 'response',
  answer: 'an answer of a chatbot of NLP Cloud',
  counts: false,
}

export function isOwn(node: Node, { id }: Kind): boolean {
  return node.form?.[id] !== undefined
}
