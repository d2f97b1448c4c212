/** What an answer says in the model's terms, and what other protocols' answers become. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import type { ChatResponse } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { groundedText, grounding, usage } from './fixtures/responses.ts'
import { gemini } from './index.ts'

const decode = (json: JsonObject): ChatResponse => gemini.response.decode(json)
const answer = (candidate: JsonObject, more: JsonObject = {}): JsonObject => ({ candidates: [candidate], ...more })
const said = (text: string, more: JsonObject = {}): JsonObject => ({
  content: { parts: [{ text }], role: 'model' },
  finishReason: 'STOP',
  index: 0,
  ...more,
})

describe('usage', () => {
  it('counts cached tokens and those that tools read with the input, and thoughts with the output', () => {
    expect(decode(answer(said('Hi'), { usageMetadata: usage })).usage).toEqual({
      input: { total: 135, cacheRead: 64, audio: 10, image: 50 },
      output: { total: 230, reasoning: 200 },
      raw: { gemini: usage },
    })
  })

  it('is told as Google counts it', () => {
    const { json } = gemini.response.encode(
      {
        id: 'a',
        model: 'm',
        choices: [],
        usage: { input: { total: 10, cacheRead: 4, image: 3 }, output: { total: 9, reasoning: 5 } },
      },
      { model: 'm' },
    )
    expect(json).toMatchObject({
      usageMetadata: {
        promptTokenCount: 10,
        cachedContentTokenCount: 4,
        candidatesTokenCount: 4,
        thoughtsTokenCount: 5,
        totalTokenCount: 19,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 7 },
          { modality: 'IMAGE', tokenCount: 3 },
        ],
      },
    })
  })
})

describe('the end', () => {
  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['LANGUAGE', 'content-filter'],
    ['BLOCKLIST', 'content-filter'],
    ['PROHIBITED_CONTENT', 'content-filter'],
    ['SPII', 'content-filter'],
    ['IMAGE_SAFETY', 'content-filter'],
    ['IMAGE_PROHIBITED_CONTENT', 'content-filter'],
    ['IMAGE_RECITATION', 'content-filter'],
    ['MALFORMED_FUNCTION_CALL', 'error'],
    ['MALFORMED_RESPONSE', 'error'],
    ['UNEXPECTED_TOOL_CALL', 'error'],
    ['TOO_MANY_TOOL_CALLS', 'error'],
    ['MISSING_THOUGHT_SIGNATURE', 'error'],
    ['IMAGE_OTHER', 'other'],
    ['NO_IMAGE', 'other'],
    ['OTHER', 'other'],
    ['FINISH_REASON_UNSPECIFIED', 'other'],
    ['constructor', 'other'],
  ])('%s is %s', (finishReason, reason) => {
    expect(decode(answer(said('Hi', { finishReason }))).choices[0]?.finish).toMatchObject({ reason, raw: finishReason })
  })

  it('of an answer that calls functions says so, whatever the word', () => {
    const content = { parts: [{ functionCall: { name: 'f', args: {} } }] }
    expect(decode(answer({ content, finishReason: 'STOP' })).choices[0]?.finish?.reason).toBe('tool-calls')
    expect(decode(answer({ content, finishReason: 'MAX_TOKENS' })).choices[0]?.finish?.reason).toBe('length')
  })
})

describe('safety', () => {
  it('is told of prompts and answers', () => {
    const rating = { category: 'HARM_CATEGORY_HATE_SPEECH', probability: 'MEDIUM', blocked: true }
    const { safety } = decode(
      answer({ finishReason: 'SAFETY', index: 0, safetyRatings: [rating] }, { promptFeedback: { safetyRatings: [] } }),
    )
    expect(safety).toMatchObject([
      { of: 'input', blocked: false, ratings: [] },
      {
        of: 'output',
        choice: 0,
        blocked: true,
        reason: 'SAFETY',
        ratings: [{ category: 'hate', level: 'medium', blocked: true }],
        raw: [rating],
      },
    ])
  })

  it('lets an answer without candidates be one that says nothing', () => {
    const json = { promptFeedback: { blockReason: 'JAILBREAK' }, usageMetadata: { promptTokenCount: 4 } }
    const response = decode(json)
    expect(response.choices).toMatchObject([{ parts: [], finish: { reason: 'content-filter', raw: 'JAILBREAK' } }])
    expect(gemini.response.encode(response, { model: '' }).json).toEqual(json)
  })

  it('of another provider is told in words of Google', () => {
    const { json } = gemini.response.encode(
      {
        id: 'a',
        model: 'm',
        choices: [{ index: 0, parts: [], finish: { reason: 'content-filter' } }],
        safety: [
          {
            of: 'input',
            blocked: true,
            ratings: [{ category: 'self-harm', blocked: true }],
            reason: 'policy',
            origin: 'x',
          },
        ],
      },
      { model: 'm' },
    )
    expect(json).toEqual({
      promptFeedback: {
        blockReason: 'SAFETY',
        blockReasonMessage: 'policy',
        safetyRatings: [{ category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability: 'HIGH', blocked: true }],
      },
      modelVersion: 'm',
      responseId: 'a',
    })
  })
})

describe('sources', () => {
  it('cite the passages of the text that they are about', () => {
    const [part] = decode(answer(said(groundedText, { groundingMetadata: grounding }))).choices[0]?.parts ?? []
    const cited = part?.type === 'text' ? part.citations : []
    expect(cited?.map(({ start, end }) => (start === undefined ? undefined : groundedText.slice(start, end)))).toEqual([
      'Über Köln: 24 °C.',
      'Über Köln: 24 °C.',
      'Rain tomorrow.',
      undefined,
    ])
    expect(cited).toMatchObject([
      { url: expect.stringContaining('/A') as string, title: 'wetter.example' },
      { title: 'Rain', quote: 'It will rain.' },
      { title: 'Rain' },
      { title: 'unused.example' },
    ])
  })

  it('of other providers become grounding', () => {
    const citation = { url: 'https://a.example/', title: 'A', start: 3, end: 5, origin: 'x', raw: {} }
    const { json } = gemini.response.encode(
      {
        id: 'a',
        model: 'm',
        choices: [
          { index: 0, parts: [{ type: 'text', text: 'Ä: yes', citations: [citation] }], finish: { reason: 'stop' } },
        ],
      },
      { model: 'm' },
    )
    expect(json).toMatchObject({
      candidates: [
        {
          groundingMetadata: {
            groundingChunks: [{ web: { uri: 'https://a.example/', title: 'A' } }],
            groundingSupports: [{ segment: { startIndex: 4, endIndex: 6, text: 'ye' }, groundingChunkIndices: [0] }],
          },
        },
      ],
    })
  })
})

describe('an answer that is none', () => {
  const facts = (json: unknown): unknown =>
    gemini.facts(new Body(Buffer.from(JSON.stringify(json)), (value) => gemini.response.decode(value)))

  it.each<[string, JsonObject, string]>([
    ['nothing of the protocol', { choices: [] }, 'provider_malformed'],
    ['an error', { error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' } }, 'provider_overloaded'],
    ['candidates that are none', { candidates: 'none' }, 'provider_malformed'],
  ])('is refused: %s', (_what, json, code) => {
    expect(() => decode(json)).toThrow(expect.objectContaining({ code }))
    expect(() => facts(json)).toThrow(expect.objectContaining({ code }))
  })

  it('is refused where its parts are not of the protocol', () => {
    expect(() => decode({ candidates: [{ content: { parts: [1] } }] })).toThrow(/candidates\[0\]\.content\.parts\[0\]/)
    expect(() => facts('text')).toThrow(expect.objectContaining({ code: 'provider_malformed' }))
  })
})
