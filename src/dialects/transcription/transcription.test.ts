/** The protocols for recordings: nothing lost in one's own, and transcripts in every form. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import { describeChatFaults } from '../../kernel/testing/chat-fault-laws.ts'
import { canonicalJson, withProtoMember, withUnknownMembers } from '../../kernel/testing/json-mutations.ts'
import type { JsonObject } from '../../model/json.ts'
import type { TranscriptionRequest, TranscriptionResponse } from '../../model/transcription.ts'
import { srtOf, subtitlesEnd, segmentsOf, vttOf } from '../../kernel/codec/subtitles.ts'
import {
  assemblyaiTranscripts,
  deepgramListen,
  elevenlabsTranscriptions,
  mistralTranscriptions,
  openaiTranscriptions,
  openaiTranslations,
} from './index.ts'

const file = { upload: 0, name: 'a.wav', type: 'audio/wav', size: 64_044, audio_ms: 2000 }
const all = [
  openaiTranscriptions,
  openaiTranslations,
  mistralTranscriptions,
  deepgramListen,
  elevenlabsTranscriptions,
  assemblyaiTranscripts,
]

describe.each(all)('$id', (dialect) => {
  describeChatFaults(dialect)

  it.each([
    [{}],
    [{ text: 7 }],
    [{ results: {} }],
    [{ results: { channels: [{ alternatives: [{}] }] } }],
    [{ error: { message: 'no' } }],
    [{ id: 't1', status: 'processing', text: null }],
  ] as JsonObject[][])('does not take %j for an answer', (json) => {
    expect(() => dialect.response.decode(json)).toThrow(expect.objectContaining({ name: 'Fault' }))
  })
})

const requests: JsonObject[] = [
  { model: 'm', file },
  {
    model: 'm',
    file,
    language: 'de',
    prompt: 'x',
    temperature: '0.20',
    response_format: 'verbose_json',
    'timestamp_granularities[]': ['word', 'segment'],
    stream: 'false',
    'include[]': ['logprobs'],
  },
  { model: 'm', file, timestamp_granularities: 'word', stream: 'true' },
]
const answers: JsonObject[] = [
  { text: '' },
  { text: 'Hello.', usage: { type: 'tokens', input_tokens: 3, output_tokens: 2, total_tokens: 5 }, logprobs: [] },
  {
    task: 'transcribe',
    language: 'english',
    duration: '2.50',
    text: 'Hello.',
    segments: [{ id: 0, seek: 0, start: 0, end: 2.5, text: ' Hello.', tokens: [1], avg_logprob: -0.1 }],
    words: [{ word: 'Hello.', start: 0, end: 2.5 }],
  },
]

describe.each([openaiTranscriptions, openaiTranslations])('$id', (dialect) => {
  it.each(requests)('gives the request %j back, with what it does not know', (request) => {
    for (const json of [request, ...withUnknownMembers(request).map((each) => each.json), withProtoMember(request)]) {
      const value = dialect.request.decode(json)
      const { json: again, lost } = dialect.request.encode(value, { model: value.model })
      expect(lost).toEqual([])
      // Of the file the gateway's own words stand there, which are for nobody to extend.
      expect(canonicalJson({ ...(again as JsonObject), file })).toBe(canonicalJson({ ...json, file }))
    }
  })

  it.each(answers)('gives the answer %j back, with what it does not know', (answer) => {
    for (const json of [answer, ...withUnknownMembers(answer).map((each) => each.json), withProtoMember(answer)]) {
      if (json['usage'] !== undefined && canonicalJson(json['usage']) !== canonicalJson(answer['usage'])) continue
      const { json: again } = dialect.response.encode(dialect.response.decode(json), { model: 'm' })
      expect(canonicalJson(again)).toBe(canonicalJson(json))
    }
  })
})

describe('the head', () => {
  const headOf = (json: JsonObject) =>
    openaiTranscriptions.head(
      new Body(Buffer.from(JSON.stringify(json)), (value) => openaiTranscriptions.request.decode(value)),
    )

  it('tells how long the recording is', () => {
    expect(headOf({ model: 'm', file, stream: 'true' })).toMatchObject({
      model: 'm',
      stream: true,
      units: { audio_ms: 2000 },
    })
  })

  it.each([
    [{ file }, 'model'],
    [{ model: '', file }, 'model'],
    [{ model: ['a', 'b'], file }, 'model'],
    [{ model: 'm', file, stream: 'yes' }, 'stream'],
  ] as [JsonObject, string][])('refuses %j', (json, param) => {
    expect(() => headOf(json)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})

it.each([
  ['response_format', 'midi'],
  ['temperature', 'warm'],
  ['timestamp_granularities[]', ['letter']],
])('refuses a request whose %s is %j', (param, value) => {
  expect(() => openaiTranscriptions.request.decode({ model: 'm', file, [param]: value })).toThrow(
    expect.objectContaining({ code: 'invalid_request', param }),
  )
})

describe('facts of what is passed on', () => {
  const factsOf = (text: string, contentType?: string) =>
    openaiTranscriptions.facts(
      new Body(Buffer.from(text), (json) => openaiTranscriptions.response.decode(json)),
      contentType,
    )

  it.each([
    ['{"text":"x","usage":{"type":"duration","seconds":3}}', 'application/json', 3000],
    ['{"text":"x","duration":2.5}', undefined, 2500],
    ['{"text":"x","usage":{"prompt_audio_seconds":4}}', undefined, 4000],
    ['1\n00:00:00,000 --> 01:00:02,500\nHi\n', 'text/plain', 3_602_500],
    ['WEBVTT\n\n00:01.000 --> 00:02.500\nHi\n', 'text/plain', 2500],
    ['Hello.\n', 'text/plain', undefined],
    ['{"text":"x"}', undefined, undefined],
  ])('%j (%s)', (text, type, ms) => {
    expect(factsOf(text, type).usage?.units?.['audio_ms']).toBe(ms)
  })

  it('are those of tokens, where these are told', () => {
    const usage = { type: 'tokens', input_tokens: 14, input_token_details: { audio_tokens: 14 }, output_tokens: 45 }
    expect(factsOf(JSON.stringify({ text: 'x', usage })).usage).toMatchObject({
      input: { total: 14, audio: 14 },
      output: { total: 45 },
    })
  })

  it.each([
    ['<html>', 'text/html'],
    ['{"status":"queued"}', 'application/json'],
  ])('are none of %j', (text, type) => {
    expect(() => factsOf(text, type)).toThrow(expect.objectContaining({ code: 'provider_malformed' }))
  })
})

describe('subtitles', () => {
  it('count hours, and let no line end a cue', () => {
    const segments = [{ start: 3661.0004, end: 3662.9996, text: ' One\n\ntwo --> three ' }]
    expect(srtOf(segments)).toBe('1\n01:01:01,000 --> 01:01:03,000\nOne two -> three\n')
    expect(vttOf(segments)).toBe('WEBVTT\n\n01:01:01.000 --> 01:01:03.000\nOne two -> three\n')
  })

  it('of any segments end when the last of them does', () => {
    const times = fc.array(fc.tuple(fc.nat(400_000_000), fc.nat(10_000)), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(times, fc.string(), (list, text) => {
        const segments = list.map(([start, length]) => ({ start: start / 1000, end: (start + length) / 1000, text }))
        const end = Math.max(...segments.map((segment) => segment.end))
        expect(subtitlesEnd(srtOf(segments))).toBeCloseTo(end, 3)
        expect(subtitlesEnd(vttOf(segments))).toBeCloseTo(end, 3)
      }),
    )
  })

  it('made of words keep every word in its order', () => {
    const word = fc.record({
      word: fc.stringMatching(/^[a-z.]{1,12}$/),
      gap: fc.nat(30),
      length: fc.integer({ min: 1, max: 30 }),
    })
    fc.assert(
      fc.property(fc.array(word), (list) => {
        let at = 0
        const words = list.map(({ word: text, gap, length }) => {
          const start = at + gap / 10
          at = start + length / 10
          return { word: text, start, end: at }
        })
        const segments = segmentsOf(words)
        expect(segments.map(({ text }) => text).join(' ')).toBe(words.map(({ word: text }) => text).join(' '))
        for (const { start, end, text } of segments) {
          expect(end).toBeGreaterThanOrEqual(start)
          expect(text.length).toBeLessThanOrEqual(84 + 12)
        }
      }),
    )
  })
})

it('makes any form of any transcript, even of one without times', () => {
  const request: TranscriptionRequest = {
    model: 'm',
    file: { upload: 0, name: 'a', type: 'audio/wav', size: 1, audioMs: 2000 },
    stream: false,
  }
  const answer: TranscriptionResponse = { text: 'Hello.' }
  const textOf = (format: TranscriptionRequest['format']) => {
    const asked = { ...request, ...(format !== undefined && { format }) }
    const { json, text } = openaiTranscriptions.response.encode(answer, { model: 'm', request: asked })
    return text?.text ?? JSON.stringify(json)
  }
  expect(textOf(undefined)).toBe('{"text":"Hello."}')
  expect(textOf('text')).toBe('Hello.\n')
  expect(textOf('srt')).toBe('1\n00:00:00,000 --> 00:00:02,000\nHello.\n')
  expect(JSON.parse(textOf('verbose_json'))).toEqual({
    task: 'transcribe',
    duration: 2,
    text: 'Hello.',
    segments: [{ id: 0, start: 0, end: 2, text: 'Hello.' }],
  })
})
