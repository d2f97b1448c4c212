/** The protocols for speech: nothing lost in one's own, and what each makes of the others' requests. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import { describeChatFaults } from '../../kernel/testing/chat-fault-laws.ts'
import { canonicalJson, withProtoMember, withUnknownMembers } from '../../kernel/testing/json-mutations.ts'
import type { JsonObject } from '../../model/json.ts'
import { charactersOf } from '../../model/speech.ts'
import type { SpeechFormat, SpeechRequest } from '../../model/speech.ts'
import { deepgramSpeak, elevenlabsSpeech, openaiSpeech } from './index.ts'

const address = { model: 'a-model' }
const fixtures: readonly (readonly [typeof openaiSpeech, JsonObject])[] = [
  [openaiSpeech, { model: 'tts-1', input: 'Hello', voice: 'alloy' }],
  [
    openaiSpeech,
    {
      model: 'm',
      input: 'Hello',
      voice: { id: 'voice_1', more: 1 },
      instructions: null,
      response_format: 'wav',
      speed: 1.5,
      stream_format: 'sse',
    },
  ],
  [openaiSpeech, { model: 'm', input: 'x', voice: 'alloy', stream_format: 'audio' }],
]

describe.each(fixtures)('%o', (dialect, request) => {
  it('gives the same request back, members that it does not know included', () => {
    const changed = [request, ...withUnknownMembers(request).map(({ json }) => json), withProtoMember(request)]
    for (const json of changed) {
      const value = dialect.request.decode(json, address)
      const { json: again, lost } = dialect.request.encode(value, { model: value.model })
      expect(lost).toEqual([])
      expect(canonicalJson(again)).toBe(canonicalJson(json))
    }
  })
})

describe.each([openaiSpeech, deepgramSpeak, elevenlabsSpeech])('$id', (dialect) => {
  // Streams are only passed on, so there is no decoder to hold to the laws.
  const { stream: _, ...whole } = dialect
  describeChatFaults(whole)

  it('keeps the text of any request, and counts its characters alike', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (input) => {
        const request: SpeechRequest = { model: 'm', input, voice: 'v', events: false }
        const { json } = dialect.request.encode(request, { model: 'm' })
        const bytes = Buffer.from(JSON.stringify(json))
        const body = new Body(bytes, (value) => dialect.request.decode(value, address))
        expect(body.read().input).toBe(input)
        expect(dialect.head(body, address).units).toEqual({ characters: charactersOf(input) })
        expect(charactersOf(input)).toBe(Array.from(input).length)
      }),
    )
  })

  it('takes a document for no answer', () => {
    expect(() => dialect.response.decode({ audio: 'AAAA' })).toThrow(
      expect.objectContaining({ code: 'provider_malformed' }),
    )
  })

  it('knows sound from documents', () => {
    for (const type of ['audio/mpeg', 'audio/wav; codecs=1', 'application/octet-stream', 'application/ogg'])
      expect([type, dialect.media?.is(type)]).toEqual([type, true])
    for (const type of ['application/json', 'text/html', 'text/event-stream', ''])
      expect([type, dialect.media?.is(type)]).toEqual([type, false])
  })
})

describe('voices of Deepgram', () => {
  const modelOf = (model: string, voice?: string) => {
    const request = { model, input: 'x', events: false, ...(voice !== undefined && { voice }) }
    const { address: query, lost } = deepgramSpeak.request.encode(request, { model })
    return { model: new URLSearchParams(query).get('model'), lost: lost.length }
  }

  it.each([
    ['aura-2-thalia-en', undefined, 'aura-2-thalia-en', 0],
    ['aura-2-thalia-en', 'thalia', 'aura-2-thalia-en', 0],
    ['aura-2-thalia-en', 'alloy', 'aura-2-thalia-en', 1],
    ['aura-2', 'thalia-en', 'aura-2-thalia-en', 0],
    ['aura-2', 'aura-2-thalia-en', 'aura-2-thalia-en', 0],
    ['aura-2', undefined, 'aura-2', 0],
  ])('%s and %s make %s', (model, voice, expected, lost) => {
    expect(modelOf(model, voice)).toEqual({ model: expected, lost })
  })
})

it('lets nobody write into the path or the query', () => {
  const voice = 'v/../../../v1/user?x=1&output_format='
  const request: SpeechRequest = { model: 'm', input: 'x', voice, events: false }
  expect(elevenlabsSpeech.request.encode(request, { model: 'm' }).address).toBe(
    `/${encodeURIComponent(voice)}/stream?output_format=mp3_44100_128`,
  )
  const { address: query } = deepgramSpeak.request.encode({ ...request, voice: 'a&model=b' }, { model: 'aura-2' })
  expect(new URLSearchParams(query).getAll('model')).toEqual(['aura-2-a&model=b'])
})

it('asks ElevenLabs only for what it has', () => {
  const of = (format: SpeechFormat) => () =>
    elevenlabsSpeech.request.encode({ model: 'm', input: 'x', voice: 'v', format, events: false }, { model: 'm' })
  for (const format of ['aac', 'flac'] as const)
    expect(of(format)).toThrow(expect.objectContaining({ code: 'not_expressible', param: 'response_format' }))
  for (const format of ['mp3', 'opus', 'wav', 'pcm'] as const) expect(of(format)).not.toThrow()
})

describe('events of OpenAI', () => {
  const text = [
    'data: {"type":"speech.audio.delta","audio":"AAAA"}\n\n',
    'data: {"type":"speech.audio.done","usage":{"input_tokens":14,"output_tokens":101,"total_tokens":115}}\n\n',
  ].join('')

  it('tell usage and end, wherever they are cut', () => {
    for (let at = 0; at <= text.length; at += 1) {
      const observer = openaiSpeech.passed?.observer({ withholdUsage: false })
      observer?.push(Buffer.from(text.slice(0, at)))
      observer?.push(Buffer.from(text.slice(at)))
      expect(observer?.facts()).toMatchObject({
        complete: true,
        atBoundary: true,
        usage: { input: { total: 14 }, output: { total: 101 } },
      })
    }
  })

  it('tell errors', () => {
    const observer = openaiSpeech.passed?.observer({ withholdUsage: false })
    observer?.push(Buffer.from('data: {"error":{"message":"no","type":"server_error"}}\n\n'))
    expect(observer?.facts()).toMatchObject({ complete: false, fault: { code: 'provider_error', message: 'no' } })
  })
})
