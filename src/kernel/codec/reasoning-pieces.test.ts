/** Pieces of thinking become one block where a signature ends them, and nothing else is touched. */
import { describe, expect, it } from 'vitest'
import type { ReasoningPart } from '../../model/part.ts'
import { joinReasoning } from './reasoning-pieces.ts'

const dialectId = 'anthropic-messages'

const piece = (text: string, signature?: string): ReasoningPart => ({
  type: 'reasoning',
  text,
  origin: dialectId,
  ...(signature !== undefined && { signature }),
})
const said = { type: 'text', text: 'So.' } as const

describe('pieces of thinking', () => {
  it('are one block with the signature that ends them, at the place of the first', () => {
    expect(joinReasoning([piece('a'), piece('b'), piece('', 'sig'), said], dialectId)).toEqual([
      [0, piece('ab', 'sig')],
      [3, said],
    ])
  })

  it('of two blocks stay two', () => {
    expect(joinReasoning([piece('a'), piece('', 's1'), piece('b'), piece('c', 's2')], dialectId)).toEqual([
      [0, piece('a', 's1')],
      [2, piece('bc', 's2')],
    ])
  })

  it('do not run into redacted thinking, text, or what another provider thought', () => {
    const redacted: ReasoningPart = { type: 'reasoning', text: '', encrypted: 'e', origin: dialectId }
    const foreign: ReasoningPart = { type: 'reasoning', text: 'b', origin: 'openai-chat' }
    const parts = [piece('a'), redacted, piece('b'), said, piece('c'), foreign]
    expect(joinReasoning(parts, dialectId)).toEqual([...parts.entries()])
  })
})
