/** The protocols of moderation, on fixtures in their true shape. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import { describeModerationDialect } from '../../kernel/testing/moderation-dialect-kit.ts'
import type { ModerationRequest, ModerationResponse } from '../../model/moderation.ts'
import { azureTextModeration, mistralModerations, openaiModerations, perspectiveModeration } from './index.ts'

const picture = 'https://example.com/cat.png'

describeModerationDialect(
  openaiModerations,
  [
    {
      name: 'one text',
      request: { model: 'omni-moderation-latest', input: 'I want to kill them.' },
      response: {
        id: 'modr-970d409ef3bef3b70c73d8232df86e7d',
        model: 'omni-moderation-latest',
        results: [
          {
            flagged: true,
            categories: { harassment: false, violence: true, illicit: null, 'sexual/minors': false, later: true },
            category_scores: { harassment: 0.0012, violence: 0.97, illicit: 0.2, 'sexual/minors': 2e-7, later: 1 },
            category_applied_input_types: { violence: ['text'], illicit: [] },
          },
        ],
      },
      flagged: ['violence'],
    },
    { name: 'a model that the service chooses', request: { input: ['a', ''] } },
    {
      name: 'parts that are judged as one',
      request: {
        model: 'omni-moderation-latest',
        input: [
          { type: 'text', text: 'what is this?' },
          { type: 'image_url', image_url: { url: picture } },
          { type: 'sound', sound: {} },
        ],
      },
    },
    {
      name: 'an older answer',
      response: { id: 'x', model: 'text-moderation-007', results: [{ flagged: false, categories: { hate: false } }] },
      flagged: [],
    },
    { name: 'nulls where there could be words', request: { model: null, input: 'a' }, response: { results: [] } },
  ],
  {
    pictures: true,
    notAnswers: [
      {},
      { results: {} },
      { results: [{}] },
      { results: [{ flagged: 1, categories: {} }] },
      { results: [{ flagged: true, categories: { hate: 'yes' } }] },
      { error: { message: 'no', type: 'server_error' } },
    ],
  },
)

const ofMistral = (categories: Record<string, boolean>, scores: Record<string, number>) => ({
  id: 'mod-1',
  model: 'mistral-moderation-latest',
  results: [{ categories, category_scores: scores }],
})

describeModerationDialect(
  mistralModerations,
  [
    {
      name: 'the first generation of its models',
      request: { model: 'mistral-moderation-latest', input: ['a', 'b'], metadata: { team: 'x' } },
      response: ofMistral(
        {
          sexual: false,
          hate_and_discrimination: true,
          dangerous_and_criminal_content: true,
          selfharm: false,
          pii: true,
        },
        { sexual: 0.01, hate_and_discrimination: 0.9, dangerous_and_criminal_content: 0.8, selfharm: 0, pii: 1 },
      ),
      flagged: ['hate', 'illicit'],
    },
    {
      name: 'the second',
      request: { model: 'm', input: 'a' },
      response: ofMistral({ dangerous: false, criminal: true, jailbreaking: true }, { dangerous: 0.4, criminal: 0.7 }),
      flagged: ['illicit'],
    },
  ],
  { notAnswers: [{}, { results: {} }, { results: [{}] }, { results: ['a'] }] },
)

describeModerationDialect(
  azureTextModeration,
  [
    {
      name: 'all that it knows',
      request: { text: 'a', categories: ['Hate'], blocklistNames: ['b'], haltOnBlocklistHit: true },
      response: {
        blocklistsMatch: [],
        categoriesAnalysis: [
          { category: 'Hate', severity: 2 },
          { category: 'SelfHarm', severity: 0 },
          { category: 'Sexual', severity: 4 },
          { category: 'Violence', severity: 7 },
          { category: 'Later', severity: 7 },
        ],
      },
      flagged: ['sexual', 'violence'],
    },
  ],
  {
    single: true,
    notAnswers: [{}, { categoriesAnalysis: {} }, { categoriesAnalysis: [{ category: 'Hate', severity: 'high' }] }],
  },
)

const summary = (value: number) => ({ summaryScore: { value, type: 'PROBABILITY' }, spanScores: [] })

describeModerationDialect(
  perspectiveModeration,
  [
    {
      name: 'all that it knows',
      request: {
        comment: { text: 'a', type: 'PLAIN_TEXT' },
        requestedAttributes: { TOXICITY: {} },
        languages: ['en'],
        doNotStore: true,
      },
      response: {
        attributeScores: { TOXICITY: summary(0.2), INSULT: summary(0.9), THREAT: summary(0.69), LATER: summary(1) },
        languages: ['en'],
      },
      flagged: ['harassment'],
    },
  ],
  { single: true, notAnswers: [{}, { attributeScores: [] }] },
)

const headOf = (json: object) =>
  openaiModerations.head(
    new Body(Buffer.from(JSON.stringify(json)), (parsed) => openaiModerations.request.decode(parsed)),
  )

describe('a request', () => {
  it.each([
    [{}, 'input'],
    [{ input: [] }, 'input'],
    [{ input: 7 }, 'input'],
    [{ input: 'a', model: 7 }, 'model'],
  ])('%j is refused at once', (json, param) => {
    expect(() => headOf(json)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })

  it.each([
    [['a', { type: 'text', text: 'b' }], 'input[1]'],
    [[{ type: 'text', text: 'b' }, 'a'], 'input[1]'],
    [[{ type: 'image_url', image_url: {} }], 'input[0].image_url.url'],
  ])('%j has something among its inputs that is none', (input, param) => {
    expect(() => openaiModerations.request.decode({ input })).toThrow(expect.objectContaining({ param }))
  })
})

describe('an answer of another service', () => {
  it('has all of OpenAI’s categories, and what the service said itself', () => {
    const raw = {
      categoriesAnalysis: [{ category: 'Violence', severity: 4 }],
      blocklistsMatch: [{ blocklistName: 'b' }],
    }
    const response = azureTextModeration.response.decode(raw)
    const request: ModerationRequest = { model: 'm', inputs: [{ parts: [{ type: 'text', text: 'a' }] }] }
    const { json, lost } = openaiModerations.response.encode(response, { model: 'm', request, answerId: 'ours' })
    expect(lost).toEqual([])
    const [result] = (json as { results: Record<string, Record<string, unknown>>[] }).results
    expect(json).toMatchObject({ id: 'ours', model: 'm', results: [{ flagged: true, raw }] })
    expect(Object.keys(result?.['categories'] ?? {})).toHaveLength(13)
    expect(result?.['categories']).toMatchObject({ violence: true, hate: false })
    expect(result?.['category_scores']).toMatchObject({ violence: 4 / 7, hate: 0 })
    expect(result?.['category_applied_input_types']).toMatchObject({ violence: ['text'], hate: [] })
  })

  it('is flagged by a blocklist alone, too', () => {
    const flagged = (matches: object[]): boolean | undefined => {
      const json = { categoriesAnalysis: [], blocklistsMatch: matches }
      const { results }: ModerationResponse = azureTextModeration.response.decode(json)
      return results[0]?.flagged
    }
    expect([flagged([]), flagged([{ blocklistName: 'b' }])]).toEqual([false, true])
  })
})
