/** Marks for the provider's prompt cache: on long stable prompts alone, never beside the client's own, never more than four. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chatRequestArbitrary } from '../../kernel/testing/chat-arbitraries.ts'
import type { ChatRequest, Message, Role } from '../../model/chat.ts'
import { withCacheMarks } from './place-cache-marks.ts'

const message = (role: Role, text: string): Message => ({ role, parts: [{ type: 'text', text }] })
const long = 'word '.repeat(1500)
const request = (...messages: Message[]): ChatRequest => ({ model: 'm', stream: false, messages })
const marked = ({ messages, tools }: ChatRequest): string[] => [
  ...messages.flatMap(({ role, parts }, index) =>
    parts.flatMap(({ cache }) => (cache === undefined ? [] : [`${index} ${role}`])),
  ),
  ...(tools ?? []).flatMap((tool) => (tool.type === 'function' && tool.cache !== undefined ? [tool.name] : [])),
]

describe('cache marks', () => {
  it('are not placed on a short prompt', () => {
    const asked = request(message('system', 'Be brief.'), message('user', 'Hi.'))
    expect(withCacheMarks(asked)).toBe(asked)
  })

  it('are placed after long instructions and after the last turn, which the next request repeats', () => {
    const asked = request(
      message('system', long),
      message('user', 'a'),
      message('assistant', 'b'),
      message('user', 'c'),
    )
    expect(marked(withCacheMarks(asked))).toEqual(['0 system', '3 user'])
  })

  it('are placed after the last turn alone where only the conversation is long', () => {
    const asked = request(
      message('system', 'Be brief.'),
      message('user', long),
      message('assistant', 'b'),
      message('user', 'c'),
    )
    expect(marked(withCacheMarks(asked))).toEqual(['3 user'])
  })

  it('are placed on the last tool where there are no instructions', () => {
    const tools = [
      { type: 'function' as const, name: 'one', description: long },
      { type: 'function' as const, name: 'two' },
    ]
    expect(marked(withCacheMarks({ ...request(message('user', 'a')), tools }))).toEqual(['0 user', 'two'])
  })

  it('leave alone what the client has marked', () => {
    const own: Message = { role: 'user', parts: [{ type: 'text', text: long, cache: { ttl: '1h' } }] }
    const asked = request(message('system', long), own, message('user', 'c'))
    expect(withCacheMarks(asked)).toBe(asked)
  })

  it('change nothing else of any request, and are at most four', () => {
    fc.assert(
      fc.property(chatRequestArbitrary, fc.boolean(), (given, isLong) => {
        const asked = isLong ? { ...given, messages: [message('system', long), ...given.messages] } : given
        const result = withCacheMarks(asked)
        expect(marked(result).length).toBeLessThanOrEqual(Math.max(4, marked(asked).length))
        const bare = (value: ChatRequest): unknown =>
          JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === 'cache' ? undefined : member)))
        expect(bare(result)).toEqual(bare(asked))
      }),
    )
  })
})
