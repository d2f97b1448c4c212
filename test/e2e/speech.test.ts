/** Speech through the gateway: OpenAI's official library in front of services of three protocols and the simulator. */
import { createWriteStream, readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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
