/** Speech through the gateway: OpenAI's official library in front of services of three protocols and the simulator. */
import { createWriteStream, readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { wavHead } from '../../src/bytes/wav-head.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, stream, startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

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
  deepgram: ${at('deepgram', ', prices: { units: { characters: 0.00003 } }')}
  elevenlabs: ${at('elevenlabs')}
  gemini: ${at('gemini')}
  vertex: ${at('vertex', ', project: p-1, location: global, prices: { units: { characters: 0.00003 } }')}
  google: ${at('google-cloud-speech')}
  own: { use: openai-compatible, base_url: "${upstream.url}/v1" }
  sim: {}
retries: { rounds: 0 }
routers: { spare: { strategy: fallback, targets: [openai/tts-1, deepgram/aura-2-thalia-en] } }
keys:
  - { name: test, secret: ${clientKey}, models: ["*"] }
  - { name: poor, secret: ${poor}, models: ["*"], budget: { usd: 0.0002, per: day } }`)
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

/** Bytes of every value, in an order of their own: whoever took them for text would break them. */
const sound = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 167 + (index >> 8)) % 256))
const spoken =
  (type = 'audio/mpeg'): Answer =>
  (response) =>
    void response.writeHead(200, { 'content-type': type }).end(sound)

beforeEach(() => upstream.answer(spoken()))

const lastRecord = () => gateway.lastRecord()
const sent = () => {
  const received = upstream.received.at(-1)
  const url = new URL(received?.path ?? '', upstream.url)
  const body: unknown = JSON.parse(received?.body.toString() ?? '{}')
  return { path: url.pathname, query: Object.fromEntries(url.searchParams), body, headers: received?.headers }
}
const input = 'Grüße 🎧 from the gate.'
const characters = 22

it('streams to a file as it comes, under the content type of the provider', async () => {
  const response = await client.audio.speech.create({ model: 'openai/tts-1', voice: 'alloy', input })
  expect(response.headers.get('content-type')).toBe('audio/mpeg')
  const file = join(gateway.dir, 'speech.mp3')
  await pipeline(Readable.fromWeb(response.body as never), createWriteStream(file))
  expect(readFileSync(file).equals(sound)).toBe(true)
  expect(sent()).toMatchObject({ path: '/v1/audio/speech', body: { model: 'tts-1', voice: 'alloy', input } })
  expect(await lastRecord()).toMatchObject({
    surface: 'POST /v1/audio/speech',
    operation: 'speech',
    outcome: 'ok',
    deployment: 'openai/tts-1',
    usage: { units: { characters }, estimated: true },
    // 15 dollars for a million.
    cost: characters * 15_000,
  })
})

const formats = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const

describe.each(formats)('%s', (format) => {
  const ask = (model: string, voice = 'JBFqnCBsd6RMkjVDRZzb') =>
    client.audio.speech.create({ model, voice, input, response_format: format })

  it('is asked for in OpenAI’s protocol', async () => {
    const answer = await ask('own/tts')
    expect(Buffer.from(await answer.arrayBuffer()).equals(sound)).toBe(true)
    expect(sent().body).toEqual({ model: 'tts', voice: 'JBFqnCBsd6RMkjVDRZzb', input, response_format: format })
  })

  it('is asked for in Deepgram’s', async () => {
    const answer = await ask('deepgram/aura-2-thalia-en', 'thalia')
    expect(Buffer.from(await answer.arrayBuffer()).equals(sound)).toBe(true)
    const asked = {
      mp3: { encoding: 'mp3' },
      opus: { encoding: 'opus', container: 'ogg' },
      aac: { encoding: 'aac' },
      flac: { encoding: 'flac' },
      wav: { encoding: 'linear16', container: 'wav', sample_rate: '24000' },
      pcm: { encoding: 'linear16', container: 'none', sample_rate: '24000' },
    }[format]
    expect(sent()).toMatchObject({
      path: '/v1/speak',
      query: { model: 'aura-2-thalia-en', ...asked },
      body: { text: input },
      headers: { authorization: 'Token up-deepgram' },
    })
    expect(await lastRecord()).toMatchObject({ usage: { units: { characters } }, cost: characters * 30_000 })
  })

  it('is asked for in ElevenLabs’, or refused where it has none', async () => {
    const output = {
      mp3: 'mp3_44100_128',
      opus: 'opus_48000_128',
      wav: 'wav_24000',
      pcm: 'pcm_24000',
      aac: '',
      flac: '',
    }[format]
    if (output === '') {
      await expect(ask('elevenlabs/eleven_flash_v2_5')).rejects.toMatchObject({ status: 400, param: 'response_format' })
      return
    }
    const answer = await ask('elevenlabs/eleven_flash_v2_5')
    expect(Buffer.from(await answer.arrayBuffer()).equals(sound)).toBe(true)
    expect(sent()).toMatchObject({
      path: `/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb${format === 'wav' ? '' : '/stream'}`,
      query: { output_format: output },
      body: { text: input, model_id: 'eleven_flash_v2_5' },
      headers: { 'xi-api-key': 'up-elevenlabs' },
    })
  })
})

it.each([
  ['groq/orpheus', '/openai/v1/audio/speech'],
  ['azure/my-tts', '/openai/deployments/my-tts/audio/speech'],
])('reaches %s at its path', async (model, path) => {
  await (await client.audio.speech.create({ model, voice: 'alloy', input })).arrayBuffer()
  expect(sent().path).toBe(path)
})

it('names what a service has no words for, and keeps speed within what it can do', async () => {
  const asked = { model: 'deepgram/aura-2', voice: 'thalia-en', input, instructions: 'Whisper.', speed: 3 }
  const { response } = await client.audio.speech.create(asked).withResponse()
  expect(response.headers.get('x-sluicegate-lost')).toBe('instructions, speed')
  expect(sent().query).toMatchObject({ model: 'aura-2-thalia-en', speed: '1.5' })
  await response.body?.cancel()
  const voice = { id: 'voice_1234' }
  await (await client.audio.speech.create({ model: 'elevenlabs/eleven_v3', voice, input, speed: 0.25 })).arrayBuffer()
  expect(sent()).toMatchObject({
    path: '/v1/text-to-speech/voice_1234/stream',
    body: { voice_settings: { speed: 0.7 } },
  })
})

describe('events', () => {
  const events = async (model: string) => {
    const asked = { model, voice: 'alloy', input, stream_format: 'sse' } as const
    const response = await client.audio.speech.create(asked)
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const text = await response.text()
    const all = text
      .split('\n\n')
      .filter((event) => event !== '')
      .map((event) => JSON.parse(event.replace(/^data: /, '')) as Record<string, unknown>)
    return { text, all }
  }

  it('pass as they came, with the usage that they tell', async () => {
    const usage = { input_tokens: 14, output_tokens: 101, total_tokens: 115 }
    const pieces = [
      `data: {"type":"speech.audio.delta","audio":"${sound.subarray(0, 90_000).toString('base64')}"}\n\n`,
      'data: {"type":"speech.audio.delta","audio":"AAAA"}\n\n',
      `data: ${JSON.stringify({ type: 'speech.audio.done', usage })}\n\n`,
    ]
    upstream.answer(stream(pieces))
    expect((await events('openai/gpt-4o-mini-tts')).text).toBe(pieces.join(''))
    expect(await lastRecord()).toMatchObject({
      stream: true,
      outcome: 'ok',
      usage: { input: { total: 14 }, output: { total: 101 } },
      cost: 14 * 600 + 101 * 12_000,
    })
  })

  it('are made where the service sends sound alone', async () => {
    const { all } = await events('deepgram/aura-2-thalia-en')
    const last = all.pop()
    const bytes = Buffer.concat(all.map(({ audio }) => Buffer.from(audio as string, 'base64')))
    expect(bytes.equals(sound)).toBe(true)
    expect(last).toMatchObject({ type: 'speech.audio.done', usage: { total_tokens: expect.any(Number) as number } })
    expect(await lastRecord()).toMatchObject({ stream: true, outcome: 'ok', usage: { units: { characters } } })
  })

  it('end with an error where they break off', async () => {
    upstream.answer((response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' })
      response.write(sound, () => response.destroy())
    })
    const { all } = await events('deepgram/aura-2-thalia-en')
    expect(all.at(-1)).toMatchObject({ error: { code: 'provider_cut' } })
    expect(await lastRecord()).toMatchObject({ outcome: 'cut', fault: 'provider_cut' })
  })
})

describe('Gemini', () => {
  const usageMetadata = {
    promptTokenCount: 8,
    candidatesTokenCount: 48,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: 8 }],
    candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 48 }],
  }
  const piece = (bytes: Buffer, mimeType = 'audio/L16;codec=pcm;rate=24000') => ({
    candidates: [
      { content: { role: 'model', parts: [{ inlineData: { mimeType, data: bytes.toString('base64') } }] }, index: 0 },
    ],
  })
  const end = (finishReason = 'STOP') => ({ candidates: [{ finishReason, index: 0 }], usageMetadata })
  const events = (...chunks: object[]): Answer =>
    stream(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`))
  const halves = [sound.subarray(0, 90_000), sound.subarray(90_000)] as const
  const whole = events(piece(halves[0]), piece(halves[1]), end())
  const ask = (more: object = {}, model = 'gemini/gemini-3.8-flash-tts') =>
    client.audio.speech.create({ model, voice: 'Kore', input, ...more })

  it.each([
    ['gemini/gemini-3.8-flash-tts', '/v1beta/models/gemini-3.8-flash-tts:streamGenerateContent'],
    [
      'vertex/gemini-3.8-flash-tts',
      '/v1/projects/p-1/locations/global/publishers/google/models/gemini-3.8-flash-tts:streamGenerateContent',
    ],
  ])('speaks as %s, in a WAV file whose length is open', async (model, path) => {
    upstream.answer(whole)
    const response = await ask({ response_format: 'wav', instructions: 'Whisper.' }, model)
    expect(response.headers.get('content-type')).toBe('audio/wav')
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(bytes.toString('latin1', 0, 4)).toBe('RIFF')
    expect(bytes.readUInt32LE(24)).toBe(24_000)
    expect(bytes.subarray(44).equals(sound)).toBe(true)
    expect(sent()).toMatchObject({
      path,
      query: { alt: 'sse' },
      body: {
        contents: [{ role: 'user', parts: [{ text: input, speechMetadata: { style: 'Whisper.' } }] }],
        generationConfig: {
          responseModalities: ['AUDIO'],
          speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
        },
      },
    })
    const record = await lastRecord()
    expect(record).toMatchObject({ outcome: 'ok', usage: { input: { total: 8 }, output: { total: 48, audio: 48 } } })
    // Half a dollar for a million tokens of text, nine for sound.
    if (model.startsWith('gemini')) expect(record?.cost).toBe(8 * 500 + 48 * 9000)
  })

  it('speaks bare', async () => {
    upstream.answer(whole)
    const response = await ask({ response_format: 'pcm', voice: 'voice_1' })
    expect(response.headers.get('content-type')).toBe('audio/pcm')
    expect(Buffer.from(await response.arrayBuffer()).equals(sound)).toBe(true)
    expect(sent().body).toMatchObject({ generationConfig: { speechConfig: { voiceConfig: { voice: 'voice_1' } } } })
  })

  it('speaks in events, with the tokens that it tells', async () => {
    upstream.answer(whole)
    const text = await (await ask({ response_format: 'pcm', stream_format: 'sse' })).text()
    const all = text.split('\n\n').flatMap((event) => (event === '' ? [] : [JSON.parse(event.slice(6)) as JsonObject]))
    const done = all.pop()
    const bytes = Buffer.concat(all.map(({ audio }) => Buffer.from(audio as string, 'base64')))
    expect(bytes.equals(sound)).toBe(true)
    expect(done).toMatchObject({ type: 'speech.audio.done', usage: { input_tokens: 8, output_tokens: 48 } })
  })

  it('takes off the head of a file that comes in place of bare sound', async () => {
    const file = Buffer.concat([wavHead({ rate: 24_000, channels: 1, bits: 16 }, sound.length), sound])
    upstream.answer(events(piece(file, 'audio/wav'), end()))
    const response = await ask({ response_format: 'pcm' })
    expect(Buffer.from(await response.arrayBuffer()).equals(sound)).toBe(true)
  })

  it('is told how to speak in the text before 3.8, and makes WAV where no format is asked for', async () => {
    upstream.answer(whole)
    const response = await ask({ instructions: 'Say cheerfully', speed: 2 }, 'gemini/gemini-3.1-flash-tts-preview')
    await response.arrayBuffer()
    expect(response.headers.get('content-type')).toBe('audio/wav')
    expect(response.headers.get('x-sluicegate-lost')).toBe('response_format, speed')
    expect(sent().body).toMatchObject({ contents: [{ parts: [{ text: `Say cheerfully:\n${input}` }] }] })
  })

  it('is refused another format, and a text that it does not speak, which cost nothing', async () => {
    await expect(ask({ response_format: 'mp3' })).rejects.toMatchObject({ status: 400, param: 'response_format' })
    for (const answer of [events(end('SAFETY')), events({ promptFeedback: { blockReason: 'SAFETY' } })]) {
      upstream.answer(answer)
      await expect(ask({ response_format: 'wav' })).rejects.toMatchObject({ status: 400 })
      expect(await lastRecord()).not.toHaveProperty('usage')
    }
    upstream.answer(json({ error: { code: 404, message: 'no such model', status: 'NOT_FOUND' } }, 404))
    await expect(ask({ response_format: 'wav' })).rejects.toMatchObject({ status: 404 })
  })

  it.each([
    ['without sound', events(end()), 'provider_error'],
    ['with a picture', events(piece(sound, 'image/png'), end()), 'provider_malformed'],
    ['that is no stream', json({ candidates: [] }), 'provider_malformed'],
    ['of something else than JSON', stream(['data: hello\n\n']), 'provider_malformed'],
  ] as const)('tells of an answer %s', async (_what, answer, code) => {
    upstream.answer(answer)
    await expect(ask({ response_format: 'wav' })).rejects.toMatchObject({ status: 502, code })
  })

  it.each([
    ['ends without saying so', events(piece(sound))],
    // More than is read at once, so that the beginning is handed on before the end is known.
    ['ends for a reason of its own', events(piece(sound), piece(Buffer.alloc(400_000)), end('MAX_TOKENS'))],
  ])('breaks the connection where its answer %s', async (_what, answer) => {
    upstream.answer(answer)
    const response = await ask({ response_format: 'wav' })
    await expect(response.arrayBuffer()).rejects.toThrow()
    expect(await lastRecord()).toMatchObject({ outcome: 'cut', fault: 'provider_cut' })
  })
})

describe('Google Cloud', () => {
  const answer = json({ audioContent: sound.toString('base64') })
  const ask = (model: string, more: object = {}) =>
    client.audio.speech.create({ model, voice: 'de-DE-Chirp3-HD-Kore', input, ...more })

  it.each([
    ['google/chirp3-hd', 'mp3', 'MP3', 'audio/mpeg', {}],
    ['google/chirp3-hd', 'opus', 'OGG_OPUS', 'audio/ogg', {}],
    ['vertex/chirp3-hd', 'wav', 'LINEAR16', 'audio/wav', { sampleRateHertz: 24_000 }],
    ['vertex/de-DE-Chirp3-HD-Kore', 'pcm', 'PCM', 'audio/pcm', { sampleRateHertz: 24_000 }],
  ] as const)('speaks as %s in %s', async (model, format, audioEncoding, contentType, more) => {
    upstream.answer(answer)
    const response = await ask(model, { response_format: format, speed: 3 })
    expect(response.headers.get('content-type')).toBe(contentType)
    expect(Buffer.from(await response.arrayBuffer()).equals(sound)).toBe(true)
    expect(sent()).toMatchObject({
      path: '/v1/text:synthesize',
      body: {
        input: { text: input },
        voice: { languageCode: 'de-DE', name: 'de-DE-Chirp3-HD-Kore' },
        audioConfig: { audioEncoding, speakingRate: 2, ...more },
      },
      headers: model.startsWith('google') ? { 'x-goog-api-key': 'up-google-cloud-speech' } : {},
    })
    const record = await lastRecord()
    expect(record).toMatchObject({ outcome: 'ok', usage: { units: { characters } } })
    if (model.startsWith('vertex')) expect(record?.cost).toBe(characters * 30_000)
  })

  it('is refused what it has not, at no cost', async () => {
    await expect(ask('google/chirp3-hd', { response_format: 'flac' })).rejects.toMatchObject({ status: 400 })
    await expect(ask('google/chirp3-hd', { voice: 'alloy' })).rejects.toMatchObject({ status: 400, param: 'voice' })
    upstream.answer(json({ error: { code: 400, message: 'no such voice', status: 'INVALID_ARGUMENT' } }, 400))
    await expect(ask('google/chirp3-hd')).rejects.toMatchObject({ status: 400, message: /no such voice/ })
    expect(await lastRecord()).not.toHaveProperty('usage')
  })

  it.each([
    ['no sound', json({ audioContent: '' }), 'provider_error'],
    ['another answer', json({ done: true }), 'provider_malformed'],
    ['an error', json({ error: { code: 503, message: 'later', status: 'UNAVAILABLE' } }), 'provider_overloaded'],
  ] as const)('tells of %s', async (_what, given, code) => {
    upstream.answer(given)
    await expect(ask('google/chirp3-hd')).rejects.toMatchObject({ code })
  })

  it('breaks the connection where its answer breaks off', async () => {
    upstream.answer(
      (response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(`{"audioContent":"${sound.toString('base64').slice(0, 100_000)}`),
    )
    const response = await ask('google/chirp3-hd')
    await expect(response.arrayBuffer()).rejects.toThrow()
    expect(await lastRecord()).toMatchObject({ outcome: 'cut', fault: 'provider_cut' })
  })
})

describe('what goes wrong', () => {
  const ask = (model: string, more: object = {}) =>
    client.audio.speech.create({ model, voice: 'alloy', input, ...more })

  it('before the first byte leads to the next target unseen', async () => {
    upstream.next(json({ error: { message: 'out of order' } }, 503))
    const answer = await ask('spare')
    expect(Buffer.from(await answer.arrayBuffer()).equals(sound)).toBe(true)
    expect(await lastRecord()).toMatchObject({
      deployment: 'deepgram/aura-2-thalia-en',
      attempts: [{ status: 503 }, { status: 200 }],
      cost: characters * 30_000,
    })
  })

  it('is told in OpenAI’s protocol, and costs nothing', async () => {
    upstream.answer(json({ err_code: 'INVALID_QUERY_PARAMETER', err_msg: 'No such voice.', request_id: 'r-1' }, 400))
    await expect(ask('deepgram/aura-2-nobody-en')).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('No such voice.') as string,
    })
    upstream.answer(json({ detail: { status: 'quota_exceeded', message: 'You have insufficient quota.' } }, 401))
    await expect(ask('elevenlabs/eleven_v3')).rejects.toMatchObject({ status: 502 })
    expect(await lastRecord()).toMatchObject({ outcome: 'fault', fault: 'provider_billing' })
    expect(await lastRecord()).not.toHaveProperty('usage')
  })

  it.each([
    ['a document', json({ status: 'queued' })],
    ['nothing', (response) => void response.writeHead(200, { 'content-type': 'audio/mpeg' }).end()],
  ] as [string, Answer][])('is an answer of %s instead of sound', async (_what, answer) => {
    upstream.answer(answer)
    await expect(ask('openai/tts-1')).rejects.toMatchObject({ status: 502, code: 'provider_malformed' })
    expect(await lastRecord()).not.toHaveProperty('usage')
  })

  it('after the first byte breaks the connection: half of a file never looks like all of it', async () => {
    upstream.answer((response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' })
      response.write(sound, () => response.destroy())
    })
    const answer = await ask('openai/tts-1')
    await expect(answer.arrayBuffer()).rejects.toThrow()
    expect(await lastRecord()).toMatchObject({
      outcome: 'cut',
      fault: 'provider_cut',
      usage: { units: { characters } },
      cost: characters * 15_000,
    })
  })

  it('is a client that leaves in the middle: the provider’s work stops, and is paid for', async () => {
    upstream.answer(async (response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' })
      while (!response.destroyed) {
        response.write(sound)
        await new Promise<void>((resolve) => {
          setImmediate(resolve)
        })
      }
    })
    const arrival = upstream.arrival()
    const answer = await ask('openai/tts-1')
    const reader = answer.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await (
      await arrival
    ).closed
    expect(await lastRecord()).toMatchObject({ outcome: 'client-gone', cost: characters * 15_000 })
  })

  it('is a client that takes nothing: the provider is not read on', async () => {
    let written = 0
    const most = 64 << 20
    upstream.answer((response) => {
      response.writeHead(200, { 'content-type': 'audio/wav' })
      const more = (): void => {
        while (written < most && !response.destroyed) {
          written += sound.length
          if (!response.write(sound)) {
            response.once('drain', more)
            return
          }
        }
      }
      more()
    })
    const arrival = upstream.arrival()
    const request = httpRequest(`${gateway.url}/v1/audio/speech`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    })
    request.end(JSON.stringify({ model: 'openai/tts-1', voice: 'alloy', input }))
    const response = await new Promise<{ destroy(): void; pause(): void }>((resolve) => {
      request.on('response', (incoming) => {
        incoming.pause()
        resolve(incoming)
      })
    })
    const received = await arrival
    // It stands still once all buffers on the way are full.
    for (let before = -1; before !== written;) {
      before = written
      for (let turn = 0; turn < 200; turn += 1)
        await new Promise<void>((resolve) => {
          setImmediate(resolve)
        })
    }
    expect(written).toBeLessThan(most / 2)
    response.destroy()
    await received.closed
  })

  it.each([
    ['no text', { input: '' }, 'input'],
    ['text that is none', { input: 7 }, 'input'],
    ['no model', { model: '' }, 'model'],
  ])('is a request with %s', async (_what, more, param) => {
    const calls = upstream.received.length
    await expect(ask('deepgram/aura-2', more)).rejects.toMatchObject({ status: 400, param })
    expect(upstream.received).toHaveLength(calls)
  })

  it.each([
    ['a format that is none', { response_format: 'midi' }, 'response_format'],
    ['a speed beyond all', { speed: 9 }, 'speed'],
  ])('is a request to be translated with %s', async (_what, more, param) => {
    await expect(ask('deepgram/aura-2', more)).rejects.toMatchObject({ status: 400, param })
  })
})

it('holds money for the characters, and refuses what the budget cannot pay', async () => {
  const key = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: poor, maxRetries: 0 })
  const ask = (text: string, model = 'openai/tts-1') =>
    key.audio.speech.create({ model, voice: 'alloy', input: text }).then((answer) => answer.arrayBuffer())
  await expect(ask('x'.repeat(14))).rejects.toMatchObject({ status: 402 })
  await ask('x'.repeat(13))
  await expect(ask('x')).rejects.toMatchObject({ status: 402 })
  await expect(ask('x', 'elevenlabs/eleven_v3')).rejects.toMatchObject({ status: 403 })
})

describe('the simulator', () => {
  it('speaks for as long as the text is, the same every time', async () => {
    const ask = async (format: 'wav' | 'pcm' | 'mp3') => {
      const asked = { model: 'sim/text', voice: 'alloy', input: 'Hello', response_format: format }
      const answer = await client.audio.speech.create(asked)
      return { type: answer.headers.get('content-type'), bytes: Buffer.from(await answer.arrayBuffer()) }
    }
    const wav = await ask('wav')
    expect(wav.type).toBe('audio/wav')
    expect(wav.bytes.toString('latin1', 0, 4)).toBe('RIFF')
    expect(wav.bytes.readUInt32LE(4)).toBe(wav.bytes.length - 8)
    expect((await ask('mp3')).bytes.equals(wav.bytes)).toBe(true)
    const pcm = await ask('pcm')
    expect(pcm.bytes).toHaveLength(5 * 0.06 * 24_000 * 2)
    expect(wav.bytes.subarray(-pcm.bytes.length).equals(pcm.bytes)).toBe(true)
    expect(await lastRecord()).toMatchObject({ provider: 'sim', cost: 0 })
  })

  it('fails as it is told to', async () => {
    const ask = (parameters: string) =>
      client.audio.speech.create({ model: `sim/fault?${parameters}`, voice: 'alloy', input })
    await expect(ask('status=429')).rejects.toMatchObject({ status: 429 })
    const cut = await ask('cut=3')
    await expect(cut.arrayBuffer()).rejects.toThrow()
    expect(await lastRecord()).toMatchObject({ outcome: 'cut' })
    const slow = await ask('trickle=0')
    expect((await slow.arrayBuffer()).byteLength).toBeGreaterThan(0)
  })

  it('speaks in events', async () => {
    const asked = { model: 'sim/text', voice: 'alloy', input, stream_format: 'sse' } as const
    const text = await (await client.audio.speech.create(asked)).text()
    expect(text).toContain('speech.audio.done')
    expect(await lastRecord()).toMatchObject({
      stream: true,
      usage: { output: { total: expect.any(Number) as number } },
    })
  })
})
