/** Requests fitted to their target: what changes the meaning is told, everything else stays. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../kernel/testing/depth.ts'
import { chatRequestArbitrary } from '../../kernel/testing/chat-arbitraries.ts'
import { settings } from '../../kernel/traits.ts'
import type { Traits } from '../../kernel/traits.ts'
import type { ChatRequest, Message, Role } from '../../model/chat.ts'
import { adaptRequest } from './adapt-request.ts'

const message = (role: Role, text: string): Message => ({ role, parts: [{ type: 'text', text }] })
const request = (more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'm',
  stream: false,
  messages: [message('user', 'Hi.')],
  ...more,
})
const outline = ({ messages }: ChatRequest): string[] =>
  messages.map(({ role, parts }) => `${role}: ${parts.map((part) => ('text' in part ? part.text : '')).join(' + ')}`)

describe('a request for a target that takes everything', () => {
  it('is the same object as before, but for what its model cannot write', () => {
    fc.assert(
      fc.property(chatRequestArbitrary, (asked) => {
        const { request: fitted, lost } = adaptRequest(asked, {}, undefined)
        expect(fitted).toEqual(asked)
        expect(lost).toEqual([])
      }),
      { numRuns: 50 },
    )
  })
})

describe('ranges and counts', () => {
  it('are kept where they fit', () => {
    const asked = request({ temperature: 1, stop: ['a', 'b'], maxOutputTokens: 10 })
    expect(adaptRequest(asked, { maxTemperature: 1, maxStops: 2 }, 10)).toEqual({ request: asked, lost: [] })
  })

  it('are brought within what the target takes, and told', () => {
    const asked = request({ temperature: 1.7, stop: ['a', 'b', 'c'], maxOutputTokens: 9000 })
    const { request: fitted, lost } = adaptRequest(asked, { maxTemperature: 1, maxStops: 1 }, 4096)
    expect(fitted).toMatchObject({ temperature: 1, stop: ['a'], maxOutputTokens: 4096 })
    expect(lost.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      'temperature adapted',
      'stop adapted',
      'max_tokens adapted',
    ])
  })

  it('are left out where the target refuses the setting, told once each, and only if they were asked for', () => {
    fc.assert(
      fc.property(chatRequestArbitrary, fc.subarray([...settings]), (asked, leaveOut) => {
        const { request: fitted, lost } = adaptRequest(asked, { leaveOut }, undefined)
        const gone = Object.keys(asked).filter((key) => !(key in fitted))
        expect(lost).toHaveLength(gone.length)
        expect(lost.every(({ kind }) => kind === 'dropped')).toBe(true)
        expect(adaptRequest(fitted, { leaveOut }, undefined).lost).toEqual([])
      }),
    )
  })
})

describe('roles', () => {
  const talk = request({
    messages: [
      message('developer', 'D'),
      message('user', 'U1'),
      message('user', 'U2'),
      message('system', 'S'),
      message('assistant', 'A'),
      message('assistant', 'B'),
    ],
  })

  it('of developers become system where the target knows no other, which changes nothing that is told', () => {
    const { request: fitted, lost } = adaptRequest(talk, { developerRole: false }, undefined)
    expect(outline(fitted)[0]).toBe('system: D')
    expect(lost).toEqual([])
  })

  it('of instructions come first where the target wants it, in their order, each told that was moved', () => {
    const { request: fitted, lost } = adaptRequest(talk, { systemAnywhere: false }, undefined)
    expect(outline(fitted)).toEqual([
      'developer: D',
      'system: S',
      'user: U1',
      'user: U2',
      'assistant: A',
      'assistant: B',
    ])
    expect(lost).toMatchObject([{ path: 'messages[3]', kind: 'adapted' }])
  })

  it('take turns where the target wants it, with nothing lost', () => {
    const traits: Traits = { alternatingRoles: true, systemAnywhere: false }
    const { request: fitted } = adaptRequest(talk, traits, undefined)
    expect(outline(fitted)).toEqual(['developer: D', 'system: S', 'user: U1 + U2', 'assistant: A + B'])
    fc.assert(
      fc.property(chatRequestArbitrary, (asked) => {
        const parts = adaptRequest(asked, { alternatingRoles: true }, undefined).request.messages
        expect(parts.flatMap((one) => one.parts)).toEqual(asked.messages.flatMap((one) => one.parts))
        for (const [index, one] of parts.entries()) {
          const before = parts[index - 1]
          if (one.role === 'user' && before?.role === 'user') expect(one.name).not.toBe(before.name)
        }
      }),
      { numRuns: runs(100) },
    )
  })
})
