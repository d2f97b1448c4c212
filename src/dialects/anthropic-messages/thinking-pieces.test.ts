/** Pieces of thinking become one block where a signature ends them, and nothing else is touched. */
import { describe, expect, it } from 'vitest'
import type { ReasoningPart } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'
import { joinThinking } from './thinking-pieces.ts'

const piece = (text: string, signature?: string): ReasoningPart => ({
  type: 'reasoning',
  text,
  origin: dialectId,
  ...(signature !== undefined && { signature }),
})
const said = { type: 'text', text: 'So.' } as const

describe('pieces of thinking', () => {
  it('are one block with the signature that ends them, at the place of the first', () => {
    expect(joinThinking([piece('a'), piece('b'), piece('', 'sig'), said])).toEqual([
      [0, piece('ab', 'sig')],
      [3, said],
    ])
  })

  it('of two blocks stay two', () => {
    expect(joinThinking([piece('a'), piece('', 's1'), piece('b'), piece('c', 's2')])).toEqual([
      [0, piece('a', 's1')],
      [2, piece('bc', 's2')],
    ])
  })

  it('do not run into redacted thinking, text, or what another provider thought', () => {
    const redacted: ReasoningPart = { type: 'reasoning', text: '', encrypted: 'e', origin: dialectId }
    const foreign: ReasoningPart = { type: 'reasoning', text: 'b', origin: 'openai-chat' }
    const parts = [piece('a'), redacted, piece('b'), said, piece('c'), foreign]
    expect(joinThinking(parts)).toEqual([...parts.entries()])
  })
})
