/** The conformance kit of dialects of moderation: nothing lost in one's own protocol, and one verdict for each input, between 0 and 1. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { moderationCategories } from '../../model/moderation.ts'
import type { ModerationInput, ModerationPart, ModerationRequest } from '../../model/moderation.ts'
import { Body } from '../body.ts'
import type { ModerationDialect } from '../dialect.ts'
import { describeChatFaults } from './chat-fault-laws.ts'
import { canonicalJson, withProtoMember, withUnknownMembers } from './json-mutations.ts'

export interface ModerationFixture {
  readonly name: string
  readonly request?: JsonObject
  readonly response?: JsonObject
  /** What that answer comes to, in OpenAI's categories. */
  readonly flagged?: readonly string[]
}

export interface ModerationCapabilities {
  /** It judges one input. */
  readonly single?: boolean
  readonly pictures?: boolean
  /** What no provider of the protocol answers. */
  readonly notAnswers: readonly JsonObject[]
}

const address = { model: 'a-model' }

export function describeModerationDialect(
  dialect: ModerationDialect,
  fixtures: readonly ModerationFixture[],
  { single = false, pictures = false, notAnswers }: ModerationCapabilities,
): void {
  describe(`the dialect of moderation ${dialect.id}`, () => {
    for (const fixture of fixtures) {
      describe(`with ${fixture.name}`, () => {
        if (fixture.request !== undefined) describeRequest(dialect, fixture.request)
        if (fixture.response !== undefined) describeResponse(dialect, fixture.response, fixture.flagged)
      })
    }

    it('keeps every text in its order, whatever dialect it came in', () => {
      fc.assert(
        fc.property(fc.array(fc.string(), { minLength: 1, maxLength: single ? 1 : 5 }), (texts) => {
          const request: ModerationRequest = { model: 'm', inputs: texts.map(ofText) }
          const { json } = dialect.request.encode(request, { model: 'target' })
          const back = dialect.request.decode(JSON.parse(JSON.stringify(json)), { model: 'target' })
          expect(back.model).toBe('target')
          expect(back.inputs.map(({ parts }) => parts.map(textIn))).toEqual(texts.map((text) => [text]))
        }),
      )
    })

    const picture: ModerationPart = { type: 'image', url: 'data:image/png;base64,iVBORw0KGgo=' }
    const encode = (...inputs: ModerationInput[]) => dialect.request.encode({ model: 'm', inputs }, { model: 'm' })
    const refused = expect.objectContaining({ code: 'not_expressible' }) as unknown

    it('shows pictures, or refuses them, for the verdict would be one of something else', () => {
      const input = { parts: [...ofText('what is this?').parts, picture] }
      if (!pictures) return expect(() => encode(input)).toThrow(refused)
      const back = dialect.request.decode(JSON.parse(JSON.stringify(encode(input).json)), address)
      expect(back.inputs.map(({ parts }) => parts.map(({ type }) => type))).toEqual([['text', 'image']])
    })

    it('refuses what is neither text nor picture, and several inputs that it would judge as one', () => {
      expect(() => encode({ parts: [{ type: 'opaque', origin: 'another', value: { sound: 'x' } }] })).toThrow(refused)
      if (single) expect(() => encode(ofText('a'), ofText('b'))).toThrow(refused)
      else expect(() => encode(ofText('a'), { parts: [picture] })).toThrow(refused)
    })

    it.each(notAnswers.map((json) => [JSON.stringify(json), json] as const))(
      'does not take %s for an answer',
      (_text, json) => {
        let error: unknown
        try {
          dialect.response.decode(json)
        } catch (thrown) {
          error = thrown
        }
        expect(error).toBeInstanceOf(Fault)
        expect((error as Fault).side).toBe('provider')
      },
    )

    describeChatFaults(dialect)
  })
}

const ofText = (text: string): ModerationInput => ({ parts: [{ type: 'text', text }] })
const textIn = (part: ModerationPart): string | undefined => (part.type === 'text' ? part.text : undefined)

const changedOf = (json: JsonObject): JsonObject[] => [
  json,
  ...withUnknownMembers(json).map((changed) => changed.json),
  withProtoMember(json),
]

function describeRequest(dialect: ModerationDialect, request: JsonObject): void {
  it('gives the same request back, members that it does not know included', () => {
    for (const json of changedOf(request)) {
      const value = dialect.request.decode(json, address)
      const { json: again, lost } = dialect.request.encode(value, { model: value.model })
      expect(lost).toEqual([])
      expect(canonicalJson(again)).toBe(canonicalJson(json))
    }
  })

  it('reads the same head without decoding', () => {
    const body = new Body(Buffer.from(JSON.stringify(request)), (json) => dialect.request.decode(json, address))
    const value = dialect.request.decode(request, address)
    expect(dialect.head(body, address)).toMatchObject({
      model: value.model,
      stream: false,
      inputs: value.inputs.length,
    })
  })
}

function describeResponse(
  dialect: ModerationDialect,
  response: JsonObject,
  flagged: readonly string[] | undefined,
): void {
  it('gives the same answer back, members that it does not know included', () => {
    for (const json of changedOf(response)) {
      const value = dialect.response.decode(json)
      const { json: again, lost } = dialect.response.encode(value, { model: value.model })
      expect(lost).toEqual([])
      expect(canonicalJson(again)).toBe(canonicalJson(json))
    }
  })

  it('comes to verdicts in the categories that all share', () => {
    const { results } = dialect.response.decode(response)
    for (const { categories } of results) {
      for (const { score = 0 } of Object.values(categories)) {
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(1)
      }
    }
    const found = moderationCategories.filter((category) => results.some((one) => one.categories[category]?.flagged))
    if (flagged !== undefined) expect(found).toEqual(flagged)
  })
}
