/** Recordings through the gateway: OpenAI's official library in front of services of four protocols and the simulator. */
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { formIn, wavOf } from '../harness/forms.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream, stream } from '../harness/upstream.ts'
import type { Answer, Received, Upstream } from '../harness/upstream.ts'

const poor = 'key-with-little-0001'
let upstream: Upstream
let gateway: Gateway
let client: OpenAI

beforeAll(async () => {
  upstream = await startUpstream()
  const at = (use: string, more = '') => `{ use: ${use}, base_url: "${upstream.url}", credentials: up-${use}${more} }`
  gateway = await startGateway(`
providers:
  openai: { base_url: "${upstream.url}/v1", credentials: up-openai }
  groq: ${at('groq')}
  azure: ${at('azure', ', api_version: "2025-04-01-preview"')}
  mistral: ${at('mistral')}
  deepgram: ${at('deepgram', ', prices: { units: { audio_ms: 0.00000007 } }')}
  elevenlabs: ${at('elevenlabs', ', prices: { units: { audio_ms: 0.0000001 } }')}
  own: { use: openai-compatible, base_url: "${upstream.url}/v1", supports: { transcripts: [json] } }
  sim: {}
retries: { rounds: 0 }
keys:
  - { name: test, secret: ${clientKey}, models: ["*"] }
  - { name: poor, secret: ${poor}, models: ["*"], budget: { usd: 0.0003, per: day } }`)
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

const text = 'Good morning. How are you?'
const segments = [
  { id: 0, start: 0, end: 1.25, text: ' Good morning.', avg_logprob: -0.1 },
  { id: 1, start: 1.25, end: 2.5, text: ' How are you?', avg_logprob: -0.2 },
]
const words = [
  { word: 'Good', start: 0, end: 0.5 },
  { word: 'morning.', start: 0.5, end: 1.25 },
  { word: 'How', start: 1.25, end: 1.5 },
  { word: 'are', start: 1.5, end: 2 },
  { word: 'you?', start: 2, end: 2.5 },
]
const srt = '1\n00:00:00,000 --> 00:00:01,250\nGood morning.\n\n2\n00:00:01,250 --> 00:00:02,500\nHow are you?\n'
const vtt = 'WEBVTT\n\n00:00:00.000 --> 00:00:01.250\nGood morning.\n\n00:00:01.250 --> 00:00:02.500\nHow are you?\n'
const plain =
  (body: string): Answer =>
  (response) =>
    void response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(body)

/** Services of each protocol, which answer in the form that they are asked for. */
const whisper: Answer = async (response, request) => {
  const { fields } = await formIn(request)
  const usage = { type: 'duration', seconds: 3 }
  const format = fields['response_format']?.[0] ?? 'json'
  const answers: Record<string, Answer> = {
    json: json({ text, usage }),
    verbose_json: json({ task: 'transcribe', language: 'english', duration: 2.5, text, segments, words, usage }),
    text: plain(`${text}\n`),
    srt: plain(srt),
    vtt: plain(vtt),
  }
  await answers[format]?.(response, request)
}
const groq: Answer = async (response, request) => {
  const { fields } = await formIn(request)
  const [format = 'json'] = fields['response_format'] ?? []
  if (format === 'srt' || format === 'vtt')
    return json({ error: { message: 'response_format must be one of [json text verbose_json]' } }, 400)(
      response,
      request,
    )
  return whisper(response, request)
}
const mistral: Answer = async (response, request) => {
  const { fields } = await formIn(request)
  if (fields['response_format'] !== undefined || fields['prompt'] !== undefined)
    return json({ detail: 'extra fields not permitted' }, 422)(response, request)
  const timed = fields['timestamp_granularities']?.includes('segment') === true ? { segments } : { segments: [] }
  const usage = { prompt_audio_seconds: 3, prompt_tokens: 4, completion_tokens: 9, total_tokens: 400 }
  return json({ model: 'voxtral-mini-2602', text, language: 'en', ...timed, usage })(response, request)
}
const deepgram: Answer = (response, request) => {
  const asked = new URL(request.path, upstream.url).searchParams
  const alternatives = [
    { transcript: text, confidence: 1, words: words.map((word) => ({ ...word, punctuated_word: word.word })) },
  ]
  const utterances = segments.map(({ start, end, text: transcript }, index) => ({
    start,
    end,
    transcript: transcript.trim(),
    ...(asked.has('diarize') && { speaker: index }),
  }))
  return json({
    metadata: { request_id: 'r-1', duration: 2.5, channels: 1 },
    results: {
      channels: [{ alternatives, detected_language: 'en' }],
      ...(asked.has('utterances') && { utterances }),
    },
  })(response, request)
}
const elevenlabs: Answer = (response, request) => {
  const spaced = words.flatMap(({ word, start, end }) => [
    { text: word, start, end, type: 'word', speaker_id: 'speaker_0', logprob: -0.1 },
    { text: ' ', start: end, end, type: 'spacing', speaker_id: 'speaker_0' },
  ])
  return json({ language_code: 'eng', language_probability: 1, text, words: spaced })(response, request)
}

/** A service that has no list of models. */
const serve = (service: Answer): void =>
  upstream.answer((response, request) => (request.method === 'GET' ? json({}, 404) : service)(response, request))

const recording = wavOf(3)
const file = () => toFile(recording, 'Grüße "1".wav', { type: 'audio/wav' })
const lastRecord = () => gateway.lastRecord()
const last = (): Received => {
  const received = upstream.received.findLast(({ method }) => method === 'POST')
  if (received === undefined) throw new Error('nothing was received')
  return received
}

describe.each([
  // 0.006 dollars a minute, of three seconds as it is told or as the file is long.
  ['openai/whisper-1', whisper, 3000 * 100],
  ['groq/whisper-large-v3', groq, (3000 * 111_000) / 3600],
  ['mistral/voxtral-mini-latest', mistral, 3000 * 50],
  ['deepgram/nova-3', deepgram, 2500 * 70],
  ['elevenlabs/scribe_v2', elevenlabs, 3000 * 100],
  ['own/whisper', whisper, undefined],
] as const)('%s', (model, service, cost) => {
  const timeless = model.startsWith('own')
  beforeEach(() => serve(service))

  it('writes down as json', async () => {
    const answer = await client.audio.transcriptions.create({ model, file: await file() })
    expect(answer.text).toBe(text)
    const record = await lastRecord()
    expect(record).toMatchObject({
      surface: 'POST /v1/audio/transcriptions',
      operation: 'transcribe',
      outcome: 'ok',
      usage: { units: { audio_ms: model.startsWith('deepgram') ? 2500 : 3000 } },
    })
    expect(record?.cost).toBe(cost)
  })

  it('writes down as text', async () => {
    const answer = await client.audio.transcriptions.create({ model, file: await file(), response_format: 'text' })
    expect(answer).toBe(`${text}\n`)
  })

  it.each(['srt', 'vtt'] as const)('writes down as %s', async (format) => {
    const answer = await client.audio.transcriptions.create({ model, file: await file(), response_format: format })
    if (!timeless) expect(answer).toBe(format === 'srt' ? srt : vtt)
    else expect(answer).toContain(text)
  })

  it('writes down with times', async () => {
    const answer = await client.audio.transcriptions.create({
      model,
      file: await file(),
      response_format: 'verbose_json',
      timestamp_granularities: ['word', 'segment'],
    })
    expect(answer).toMatchObject({ text, duration: expect.any(Number) as number })
    if (timeless) return
    expect(answer.segments?.map(({ start, end, text: line }) => [start, end, line.trim()])).toEqual(
      segments.map(({ start, end, text: line }) => [start, end, line.trim()]),
    )
    if (!model.startsWith('mistral')) expect(answer.words).toEqual(words)
  })

  it('tells it in events', async () => {
    const asked = { model, file: await file(), stream: true } as const
    const events = []
    for await (const event of await client.audio.transcriptions.create(asked)) events.push(event)
    expect(events.map(({ type }) => type)).toEqual(['transcript.text.delta', 'transcript.text.done'])
    expect(events[0]).toMatchObject({ delta: text })
    expect(events[1]).toMatchObject({ text })
    expect(await lastRecord()).toMatchObject({ stream: true, outcome: 'ok' })
  })

  it('has its errors told in OpenAI’s protocol', async () => {
    upstream.next(
      json(
        {
          error: { message: 'broken recording' },
          err_msg: 'broken recording',
          detail: { message: 'broken recording' },
        },
        400,
      ),
    )
    await expect(client.audio.transcriptions.create({ model, file: await file() })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('broken recording') as string,
    })
    expect(await lastRecord()).not.toHaveProperty('usage')
  })
})

describe('what is sent', () => {
  it('is the same form with the model’s own name, around the same bytes', async () => {
    serve(whisper)
    await client.audio.transcriptions.create({
      model: 'openai/whisper-1',
      file: await file(),
      language: 'de',
      prompt: 'Grüße\r\n--und "mehr"',
      temperature: 0.2,
      include: ['logprobs'],
      response_format: 'verbose_json',
      timestamp_granularities: ['word', 'segment'],
      chunking_strategy: { type: 'server_vad', threshold: 0.5 },
    })
    const received = last()
    expect(received.path).toBe('/v1/audio/transcriptions')
    expect(received.headers['content-length']).toBe(String(received.body.length))
    const form = await formIn(received)
    expect(form.fields).toEqual({
      model: ['whisper-1'],
      language: ['de'],
      prompt: ['Grüße\r\n--und "mehr"'],
      temperature: ['0.2'],
      'include[]': ['logprobs'],
      response_format: ['verbose_json'],
      'timestamp_granularities[]': ['word', 'segment'],
      'chunking_strategy[type]': ['server_vad'],
      'chunking_strategy[threshold]': ['0.5'],
    })
    expect(form.file).toMatchObject({ name: 'Grüße "1".wav', type: 'audio/wav' })
    expect(form.file?.bytes.equals(recording)).toBe(true)
  })

  it('is the bare file for Deepgram, with all else in the query', async () => {
    serve(deepgram)
    const { response } = await client.audio.transcriptions
      .create({ model: 'deepgram/nova-3', file: await file(), language: 'en', prompt: 'x', response_format: 'srt' })
      .withResponse()
    const received = last()
    const url = new URL(received.path, upstream.url)
    expect(url.pathname).toBe('/v1/listen')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      model: 'nova-3',
      smart_format: 'true',
      language: 'en',
      utterances: 'true',
    })
    expect(received.headers).toMatchObject({ 'content-type': 'audio/wav', authorization: 'Token up-deepgram' })
    expect(received.body.equals(recording)).toBe(true)
    expect(response.headers.get('x-sluicegate-lost')).toBe('prompt')
  })

  it('is ElevenLabs’ form', async () => {
    serve(elevenlabs)
    const asked = { model: 'elevenlabs/scribe_v2', file: await file(), language: 'de', temperature: 0.5 }
    await client.audio.transcriptions.create(asked)
    expect(last()).toMatchObject({ path: '/v1/speech-to-text', headers: { 'xi-api-key': 'up-elevenlabs' } })
    const form = await formIn(last())
    expect(form.fields).toEqual({
      model_id: ['scribe_v2'],
      language_code: ['de'],
      temperature: ['0.5'],
      tag_audio_events: ['false'],
      timestamps_granularity: ['word'],
    })
    expect(form.file?.bytes.equals(recording)).toBe(true)
  })

  it('goes to the deployment at Azure', async () => {
    serve(whisper)
    await client.audio.transcriptions.create({ model: 'azure/my-whisper', file: await file() })
    expect(last().path).toBe('/openai/deployments/my-whisper/audio/transcriptions?api-version=2025-04-01-preview')
  })
})

it('passes a stream as it came, with the usage that it tells', async () => {
  const usage = {
    type: 'tokens',
    input_tokens: 30,
    input_token_details: { text_tokens: 0, audio_tokens: 30 },
    output_tokens: 9,
    total_tokens: 39,
  }
  const pieces = [
    'data: {"type":"transcript.text.delta","delta":"Good "}\n\n',
    'data: {"type":"transcript.text.delta","delta":"morning."}\n\n',
    `data: ${JSON.stringify({ type: 'transcript.text.done', text: 'Good morning.', usage })}\n\n`,
  ]
  upstream.answer(stream(pieces))
  const asked = { model: 'openai/gpt-4o-transcribe', file: await file(), stream: true } as const
  const events = []
  for await (const event of await client.audio.transcriptions.create(asked)) events.push(event)
  expect(events).toHaveLength(3)
  expect((await formIn(last())).fields['stream']).toEqual(['true'])
  expect(await lastRecord()).toMatchObject({
    stream: true,
    usage: { input: { total: 30, audio: 30 }, output: { total: 9 } },
    cost: 30 * 6000 + 9 * 10_000,
  })
})

it('tells who speaks, where the service knows', async () => {
  serve(deepgram)
  const asked = { model: 'deepgram/nova-3', file: await file(), response_format: 'diarized_json' } as const
  expect(await client.audio.transcriptions.create(asked)).toMatchObject({
    segments: [
      { type: 'transcript.text.segment', speaker: '0', text: 'Good morning.' },
      { speaker: '1', text: 'How are you?' },
    ],
  })
  expect(new URL(last().path, upstream.url).searchParams.get('diarize')).toBe('true')
})

it('translates', async () => {
  serve(whisper)
  const translate = async (model: string, format?: 'srt') =>
    // Models that translate are on their way out, and the method that asks for it with them.
    // oxlint-disable-next-line typescript/no-deprecated
    client.audio.translations.create({
      model,
      file: await file(),
      ...(format !== undefined && { response_format: format }),
    })
  expect(await translate('groq/whisper-large-v3')).toMatchObject({ text })
  expect(last().path).toBe('/openai/v1/audio/translations')
  expect(await lastRecord()).toMatchObject({ operation: 'translate-audio', surface: 'POST /v1/audio/translations' })
  expect(await translate('groq/whisper-large-v3', 'srt')).toBe(srt)
  await expect(translate('deepgram/nova-3')).rejects.toMatchObject({ status: 400, param: 'model' })
})

it('holds money for the length of the recording', async () => {
  serve(whisper)
  const key = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: poor, maxRetries: 0 })
  const ask = async (seconds: number) =>
    key.audio.transcriptions.create({ model: 'openai/whisper-1', file: await toFile(wavOf(seconds), 'a.wav') })
  await expect(ask(4)).rejects.toMatchObject({ status: 402 })
  await ask(3)
  await expect(ask(1)).rejects.toMatchObject({ status: 402 })
})

describe('the simulator', () => {
  it('writes down what it has said', async () => {
    const input = 'Grüße from the gate. How are you?'
    const spoken = await client.audio.speech.create({ model: 'sim/text', voice: 'alloy', input })
    const sound = await toFile(await spoken.arrayBuffer(), 'said.wav')
    const asked = { model: 'sim/text', file: sound }
    expect((await client.audio.transcriptions.create(asked)).text).toBe(input)
    expect(await lastRecord()).toMatchObject({ usage: { units: { audio_ms: 2000 } }, cost: 0 })
    const titled = await client.audio.transcriptions.create({ ...asked, response_format: 'srt' })
    expect(titled).toContain('How are you?')
    let told = ''
    for await (const event of await client.audio.transcriptions.create({ ...asked, stream: true }))
      if (event.type === 'transcript.text.delta') told += event.delta
    expect(told).toBe(input)
  })

  it('makes the same of the same recording every time, and fails as it is told to', async () => {
    const ask = async (model: string) => (await client.audio.transcriptions.create({ model, file: await file() })).text
    expect(await ask('sim/text')).toBe(await ask('sim/text'))
    expect(await ask('sim/text?seed=2')).not.toBe(await ask('sim/text'))
    await expect(ask('sim/fault?status=503')).rejects.toMatchObject({ status: 503 })
    await expect(ask('sim/fault?reset')).rejects.toMatchObject({ status: 502 })
  })
})
