/** Counting tokens without the provider. */
import { describe, expect, it } from 'vitest'
import { TokenCounter } from './token-counter.ts'

const counter = new TokenCounter()
const count = (text: string) =>
  counter.count({ model: 'm', stream: false, messages: [{ role: 'user', parts: [{ type: 'text', text }] }] })

describe('the token counter', () => {
  it('grows with the text, by about a token for four letters', async () => {
    const prose = 'The quick brown fox jumps over the lazy dog. '.repeat(100)
    const tokens = await count(prose)
    expect(tokens).toBeGreaterThan(prose.length / 6)
    expect(tokens).toBeLessThan(prose.length / 3)
  })

  it('takes text that spells a special token for text', async () => {
    expect(await count('<|endoftext|>')).toBeGreaterThan(await count(''))
  })

  it('counts tools, calls, results and pictures', async () => {
    const bare = { model: 'm', stream: false, messages: [{ role: 'user' as const, parts: [] }] }
    const empty = await counter.count(bare)
    const more = await Promise.all([
      counter.count({ ...bare, tools: [{ type: 'function', name: 'weather', parameters: { type: 'object' } }] }),
      counter.count({
        ...bare,
        messages: [
          { role: 'assistant', parts: [{ type: 'tool-call', id: '1', name: 'weather', arguments: '{"city":"Rome"}' }] },
        ],
      }),
      counter.count({
        ...bare,
        messages: [
          { role: 'tool', parts: [{ type: 'tool-result', callId: '1', content: [{ type: 'text', text: 'sun' }] }] },
        ],
      }),
      counter.count({
        ...bare,
        messages: [{ role: 'user', parts: [{ type: 'image', source: { kind: 'url', url: 'https://x/y.png' } }] }],
      }),
    ])
    for (const tokens of more) expect(tokens).toBeGreaterThan(empty)
  })
})
