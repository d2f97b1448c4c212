/** The calls behind one transcript: what is asked when, what the caller hears, and that nothing runs on for nobody. */
import { describe, expect, it } from 'vitest'
import { describeProvider } from '../../kernel/testing/provider-kit.ts'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import type { Outbound, Transport, TransportHandler } from '../../kernel/transport.ts'
import { TransportError } from '../../kernel/transport.ts'
import { assemblyai } from './index.ts'
import { assemblyaiTransport } from './transport.ts'

describeProvider(assemblyai, {
  cases: [
    {
      name: 'a key alone',
      config: {},
      credential: 'aai-1',
      expect: {
        baseUrl: 'https://api.assemblyai.com',
        paths: { 'assemblyai-transcripts': '/v2/transcript' },
        headers: { authorization: 'aai-1' },
        credentialHeader: 'authorization',
      },
    },
    {
      name: 'its region',
      config: { region: 'eu' },
      credential: 'aai-1',
      expect: {
        baseUrl: 'https://api.eu.assemblyai.com',
        paths: { 'assemblyai-transcripts': '/v2/transcript' },
        headers: { authorization: 'aai-1' },
        credentialHeader: 'authorization',
      },
    },
  ],
  refused: [
    { name: 'a region that there is not', config: { region: 'mars' } },
    { name: 'a misspelt field', config: { baseurl: 'https://api.assemblyai.com' } },
  ],
})

const api = 'https://api.assemblyai.com'
const uploaded = `POST ${api}/v2/upload`
const ordered = `POST ${api}/v2/transcript`
const got = `GET ${api}/v2/transcript/t1`
const deleted = `DELETE ${api}/v2/transcript/t1`
const put = { upload_url: 'https://cdn.assemblyai.com/upload/1' }
const transcript = (status: string) => ({ id: 't1', status, text: status === 'completed' ? 'Hi' : null })

function setUp() {
  const clock = new FakeClock()
  const made: (Outbound & { handler: TransportHandler; aborted: boolean })[] = []
  const network: Transport = {
    dispatch(outbound, handler) {
      const one = { ...outbound, handler, aborted: false }
      made.push(one)
      return { pause() {}, resume() {}, abort: () => void (one.aborted = true) }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const heard: { status?: number; text: string; ended: boolean; error?: TransportError } = { text: '', ended: false }
  const transport = assemblyaiTransport({ network, clock })
  const recording = { length: 3, open: () => (async function* () {})() }
  const call = transport.dispatch(
    {
      method: 'POST',
      origin: api,
      path: `/v2/transcript?${new URLSearchParams({ order: '{"speech_models":["universal-2"]}' }).toString()}`,
      headers: { authorization: 'aai-1', 'content-type': 'audio/wav', accept: 'application/json' },
      body: recording,
    },
    {
      onHead: (status) => void (heard.status = status),
      onData: (chunk) => void (heard.text += Buffer.from(chunk).toString()),
      onEnd: () => void (heard.ended = true),
      onError: (error) => void (heard.error = error),
    },
  )
  const last = () => {
    const one = made.at(-1)
    if (one === undefined) throw new Error('nothing was called')
    return one
  }
  const answer = (json: unknown, status = 200, headers: Record<string, string> = {}): void => {
    const { handler } = last()
    handler.onHead(status, headers)
    handler.onData(Buffer.from(JSON.stringify(json)))
    handler.onEnd()
  }
  const lines = (): string[] => made.map(({ method, origin, path }) => `${method} ${origin}${path}`)
  /** Until the next question. */
  const asked = async (): Promise<void> => {
    const before = made.length
    while (made.length === before) await clock.advance(50)
  }
  return { clock, made, heard, call, transport, recording, last, answer, lines, asked }
}

describe('a transcript', () => {
  it('is ordered of the file that was put up, asked about at growing intervals, and deleted when it is there', async () => {
    const { clock, made, heard, recording, last, answer, lines, asked } = setUp()
    expect(made[0]).toMatchObject({
      body: recording,
      headers: { authorization: 'aai-1', 'content-type': 'application/octet-stream' },
    })
    answer(put)
    expect(JSON.parse(Buffer.from(last().body as Uint8Array).toString())).toEqual({
      speech_models: ['universal-2'],
      audio_url: put.upload_url,
    })
    answer(transcript('queued'))
    const at: number[] = []
    for (let question = 0; question < 15; question += 1) {
      await asked()
      at.push(clock.monotonic())
      answer(transcript(question < 14 ? 'processing' : 'completed'))
    }
    const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    expect(Math.max(...pauses)).toBeLessThanOrEqual(5050)
    expect(pauses.at(-1)).toBeGreaterThan(pauses[0] ?? 0)
    expect(heard).toMatchObject({ status: 200, ended: true })
    expect(JSON.parse(heard.text)).toMatchObject({ text: 'Hi' })
    expect(lines()).toEqual([uploaded, ordered, ...at.map(() => got), deleted])
    for (const { headers } of made) expect(headers['authorization']).toBe('aai-1')
    answer({})
    expect(clock.timers).toBe(0)
  })

  it('survives questions that go wrong, and waits as long as a refusal says', async () => {
    const { clock, heard, answer, last, made, asked } = setUp()
    answer(put)
    answer(transcript('processing'))
    await asked()
    last().handler.onError(new TransportError('reset', 'gone'))
    await asked()
    answer({ error: 'slow down' }, 429, { 'retry-after': '20' })
    const before = made.length
    await clock.advance(19_000)
    expect(made.length).toBe(before)
    await asked()
    answer(transcript('completed'))
    expect(heard).toMatchObject({ status: 200, ended: true })
  })

  it('is given up, and deleted, after too many of them', async () => {
    const { clock, heard, answer, last, lines, asked } = setUp()
    answer(put)
    answer(transcript('processing'))
    for (let failure = 0; failure < 5; failure += 1) {
      await asked()
      last().handler.onError(new TransportError('reset', 'gone'))
    }
    expect(heard.error?.failure).toBe('reset')
    expect(lines().at(-1)).toBe(deleted)
    // The service does not answer that either.
    await clock.advance(31_000)
    expect(clock.timers).toBe(0)
  })

  it.each([0, 1])('whose call %i is refused tells so', (calls) => {
    const { clock, heard, answer, lines } = setUp()
    if (calls > 0) answer(put)
    answer({ error: 'no' }, 401)
    expect(heard).toMatchObject({ status: 401, text: '{"error":"no"}', ended: true })
    expect(lines()).toHaveLength(calls + 1)
    expect(clock.timers).toBe(0)
  })
})

describe('a caller that leaves', () => {
  it('stops the upload', () => {
    const { clock, made, call } = setUp()
    call.abort()
    expect(made).toMatchObject([{ aborted: true }])
    expect(clock.timers).toBe(0)
  })

  it('has what was ordered deleted, as soon as its id is known', () => {
    const { clock, call, answer, lines, last, heard } = setUp()
    answer(put)
    call.abort()
    expect(last().aborted).toBe(false)
    answer(transcript('queued'))
    expect(lines()).toEqual([uploaded, ordered, deleted])
    answer({})
    expect(clock.timers).toBe(0)
    expect(heard).toEqual({ text: '', ended: false })
  })

  it('during a question has the transcript deleted, and asks no more', async () => {
    const { clock, call, answer, lines, made, asked } = setUp()
    answer(put)
    answer(transcript('processing'))
    await asked()
    call.abort()
    expect(made.at(-2)?.aborted).toBe(true)
    answer({})
    await clock.advance(60_000)
    expect(lines()).toEqual([uploaded, ordered, got, deleted])
    expect(clock.timers).toBe(0)
  })

  it('hears that the gateway closes', async () => {
    const { clock, heard, transport, answer } = setUp()
    answer(put)
    await transport[Symbol.asyncDispose]()
    expect(heard.error?.failure).toBe('reset')
    expect(clock.timers).toBe(0)
  })
})
