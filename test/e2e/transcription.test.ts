/** Recordings through the gateway: OpenAI's official library in front of services of four protocols and the simulator. */
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { settle } from '../../src/kernel/testing/fake-clock.ts'
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
  assemblyai: ${at('assemblyai', ', prices: { units: { audio_ms: 0.00000006 } }')}
  gemini: ${at('gemini')}
  vertex: ${at('vertex', ', project: p-1, location: eu, prices: { units: { audio_ms: 0.0000002 } }')}
  google: ${at('google-cloud-speech')}
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

/** A job that is done when it is asked about for the first time. */
const assemblyai: Answer = (response, request) => {
  if (request.path === '/v2/upload') return json({ upload_url: `${upstream.url}/upload/1` })(response, request)
  if (request.method === 'DELETE') return json({ id: 't1', status: 'completed' })(response, request)
  const order = JSON.parse(request.body.toString()) as Record<string, unknown>
  const timed = words.map(({ word, start, end }) => ({
    text: word,
    start: start * 1000,
    end: end * 1000,
    confidence: 1,
  }))
  const spoken = segments.map(({ start, end, text: said }, index) => ({
    speaker: 'AB'[index],
    start: start * 1000,
    end: end * 1000,
    text: said.trim(),
  }))
  return json({
    id: 't1',
    status: 'completed',
    text,
    words: timed,
    utterances: order['speaker_labels'] === true ? spoken : null,
    audio_duration: 3,
    language_code: 'en',
  })(response, request)
}

/** Google's, with the recording in its JSON. */
const inlineIn = (request: Received): { json: string; file: Buffer } => {
  const whole = request.body.toString()
  const [, data = ''] = /"(?:data|content)":"([^"]*)"/.exec(whole) ?? []
  return { json: whole.replace(data, 'FILE'), file: Buffer.from(data, 'base64') }
}
const geminiListens: Answer = (response, request) => {
  const timed = request.body.includes('responseSchema')
  const said = segments.map(({ start, end, text: line }, index) => ({ start, end, speaker: 'AB'[index], text: line }))
  const parts = [{ text: 'Let me listen.', thought: true }, { text: timed ? JSON.stringify(said) : `${text}\n` }]
  const usageMetadata = {
    promptTokenCount: 110,
    candidatesTokenCount: 9,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: 14 },
      { modality: 'AUDIO', tokenCount: 96 },
    ],
  }
  const candidates = [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }]
  return json({ candidates, usageMetadata })(response, request)
}
const recognize: Answer = (response, request) => {
  const v2 = request.path.startsWith('/v2/')
  const speakers = request.body.includes('diarizationConfig')
  const wordsTold = words.map(({ word, start, end }, index) => ({
    ...(v2 ? { startOffset: `${start}s`, endOffset: `${end}s` } : { startTime: `${start}s`, endTime: `${end}s` }),
    word,
    ...(speakers && (v2 ? { speakerLabel: index < 2 ? '1' : '2' } : { speakerTag: index < 2 ? 1 : 2 })),
  }))
  const result = (transcript: string, told: readonly object[]) => ({
    alternatives: [
      { transcript, confidence: 1, ...(request.body.includes('enableWordTimeOffsets') && { words: told }) },
    ],
    ...(v2 ? { resultEndOffset: '2.500s', languageCode: 'en-us' } : { resultEndTime: '2.500s', languageCode: 'en-us' }),
  })
  const results = [result('Good morning.', wordsTold.slice(0, 2)), result(' How are you?', wordsTold.slice(2))]
  if (speakers) results.push(result('', wordsTold))
  return json({ results, ...(v2 ? { metadata: { totalBilledDuration: '3s' } } : { totalBilledTime: '3s' }) })(
    response,
    request,
  )
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
  ['assemblyai/universal-2', assemblyai, 3000 * 60],
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

describe('Google', () => {
  const ask = async (model: string, more: object = {}) =>
    client.audio.transcriptions.create({ model, file: await file(), ...more })

  it.each([
    ['gemini/gemini-2.5-flash', geminiListens],
    ['vertex/gemini-2.5-flash', geminiListens],
    ['vertex/chirp_3', recognize],
    ['google/latest_short', recognize],
  ])('writes down in every form: %s', async (model, service) => {
    serve(service)
    const language = 'en-US'
    expect(await ask(model, { language })).toMatchObject({ text })
    expect(await lastRecord()).toMatchObject({
      operation: 'transcribe',
      outcome: 'ok',
      usage: service === recognize ? { units: { audio_ms: 3000 } } : { input: { total: 110, audio: 96 } },
    })
    expect(await ask(model, { language, response_format: 'srt' })).toBe(srt)
    expect(await ask(model, { language, response_format: 'verbose_json' })).toMatchObject({ text, duration: 2.5 })
    const spoken = await ask(model, { language, response_format: 'diarized_json' })
    expect(spoken).toMatchObject({ segments: [{ text: /^ ?Good morning.$/ }, { text: /^ ?How are you\?$/ }] })
    expect((spoken as unknown as { segments: { speaker: string }[] }).segments.map(({ speaker }) => speaker)).toEqual(
      service === recognize ? ['1', '2'] : ['A', 'B'],
    )
  })

  it('has the recording in its JSON, whose length is told', async () => {
    serve(recognize)
    const { response } = await client.audio.transcriptions
      .create({ model: 'vertex/chirp_3', file: await file(), prompt: 'x', temperature: 1 })
      .withResponse()
    expect(response.headers.get('x-sluicegate-lost')).toBe('prompt, temperature')
    expect(last().path).toBe('/v2/projects/p-1/locations/eu/recognizers/_:recognize')
    expect(last().headers['content-length']).toBe(String(last().body.length))
    const { json: body, file: sent } = inlineIn(last())
    expect(sent.equals(recording)).toBe(true)
    expect(JSON.parse(body)).toEqual({
      config: {
        autoDecodingConfig: {},
        model: 'chirp_3',
        languageCodes: ['auto'],
        features: { enableAutomaticPunctuation: true },
      },
      content: 'FILE',
    })
    expect(await lastRecord()).toMatchObject({ cost: 3000 * 200 })
    serve(geminiListens)
    await ask('gemini/gemini-2.5-flash', { language: 'de', prompt: 'Grüße' })
    expect(last().path).toBe('/v1beta/models/gemini-2.5-flash:generateContent')
    expect(inlineIn(last()).file.equals(recording)).toBe(true)
    expect(JSON.parse(inlineIn(last()).json)).toMatchObject({
      contents: [
        { parts: [{ text: expect.stringContaining('Grüße') as string }, { inlineData: { mimeType: 'audio/wav' } }] },
      ],
    })
  })

  it('must be told the language in its first version, and takes no long recordings', async () => {
    await expect(ask('google/latest_short')).rejects.toMatchObject({ status: 400, param: 'language' })
    const long = await toFile(wavOf(640), 'a.wav')
    const asked = { model: 'vertex/chirp_3', file: long }
    await expect(client.audio.transcriptions.create(asked)).rejects.toMatchObject({ status: 400, param: 'file' })
  })

  it('goes to the version of Google’s that reads what it is recorded as', async () => {
    serve(recognize)
    await ask('google/latest_short', { language: 'en-US' })
    expect(last().path).toBe('/v1/speech:recognize')
    const mp3 = await toFile(Buffer.concat([Buffer.from('ID3'), Buffer.alloc(64)]), 'a.mp3', { type: 'audio/mpeg' })
    await client.audio.transcriptions.create({ model: 'google/latest_short', file: mp3, language: 'en-US' })
    expect(last().path).toBe('/v1p1beta1/speech:recognize')
    expect(JSON.parse(inlineIn(last()).json)).toMatchObject({ config: { encoding: 'MP3' } })
  })

  it('costs nothing where Gemini does not write it down', async () => {
    serve(json({ promptFeedback: { blockReason: 'SAFETY' } }))
    await expect(ask('gemini/gemini-2.5-flash')).rejects.toMatchObject({ status: 400 })
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

  it('is a file put up and an order for AssemblyAI, and both are deleted afterwards', async () => {
    serve(assemblyai)
    const asked = { model: 'assemblyai/universal-3-pro', file: await file(), language: 'de', prompt: 'Grüße' }
    const before = upstream.received.length
    await client.audio.transcriptions.create(asked)
    while (upstream.received.length < before + 3) await settle()
    const [upload, order, removal] = upstream.received.slice(-3)
    expect(upload).toMatchObject({ path: '/v2/upload', headers: { authorization: 'up-assemblyai' } })
    expect(upload?.headers['content-length']).toBe(String(recording.length))
    expect(upload?.body.equals(recording)).toBe(true)
    expect(order?.path).toBe('/v2/transcript')
    expect(JSON.parse(order?.body.toString() ?? '')).toEqual({
      speech_models: ['universal-3-pro'],
      language_code: 'de',
      prompt: 'Grüße',
      audio_url: `${upstream.url}/upload/1`,
    })
    expect(removal).toMatchObject({ method: 'DELETE', path: '/v2/transcript/t1' })
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

it.each([
  [
    'deepgram/nova-3',
    deepgram,
    ['0', '1'],
    (): unknown => new URL(last().path, upstream.url).searchParams.get('diarize'),
  ],
  [
    'assemblyai/universal-2',
    assemblyai,
    ['A', 'B'],
    (): unknown => JSON.stringify((JSON.parse(last().body.toString()) as Record<string, unknown>)['speaker_labels']),
  ],
] as const)('tells who speaks, where the service knows: %s', async (model, service, [first, second], asks) => {
  serve(service)
  const asked = { model, file: await file(), response_format: 'diarized_json' } as const
  expect(await client.audio.transcriptions.create(asked)).toMatchObject({
    segments: [
      { type: 'transcript.text.segment', speaker: first, text: 'Good morning.' },
      { speaker: second, text: 'How are you?' },
    ],
  })
  expect(asks()).toBe('true')
})

it.each([
  ['Transcoding failed. File does not appear to contain audio.', 422, 'provider_rejected'],
  ['Our server had a problem. Try again.', 502, 'provider_error'],
])('costs nothing where AssemblyAI’s job failed: %s', async (error, status, fault) => {
  serve((response, request) =>
    (request.path === '/v2/transcript' ? json({ id: 't1', status: 'error', error }) : assemblyai)(response, request),
  )
  await expect(
    client.audio.transcriptions.create({ model: 'assemblyai/universal-2', file: await file() }),
  ).rejects.toMatchObject({ status, message: expect.stringContaining(error) as string })
  const record = await lastRecord()
  expect(record).toMatchObject({ outcome: 'fault', fault })
  expect(record).not.toHaveProperty('usage')
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

it.each([
  ['openai/whisper-1', whisper, '/v1/audio/translations'],
  ['azure/my-whisper', whisper, '/openai/deployments/my-whisper/audio/translations?api-version=2025-04-01-preview'],
  ['gemini/gemini-2.5-flash', geminiListens, '/v1beta/models/gemini-2.5-flash:generateContent'],
] as const)('translates at %s, in every form', async (model, service, path) => {
  serve(service)
  const ask = async (more: object = {}) =>
    // oxlint-disable-next-line typescript/no-deprecated
    client.audio.translations.create({ model, file: await file(), ...more })
  expect(await ask()).toMatchObject({ text })
  expect(last().path).toBe(path)
  expect(await ask({ response_format: 'text' })).toBe(`${text}\n`)
  expect(await ask({ response_format: 'srt' })).toBe(srt)
  expect(await ask({ response_format: 'vtt' })).toBe(vtt)
  expect(await ask({ response_format: 'verbose_json' })).toMatchObject({ text, duration: 2.5 })
  expect(await lastRecord()).toMatchObject({ operation: 'translate-audio', outcome: 'ok' })
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
