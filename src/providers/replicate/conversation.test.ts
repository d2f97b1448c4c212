/** The calls behind one answer: what is asked when, what the caller hears, and that nothing runs on for nobody. */
import { describe, expect, it } from 'vitest'
import { TransportError as NetworkError } from '../../kernel/transport.ts'
import { api, prediction, setUp, urls } from './conversation.fixture.ts'

const created = `POST ${api}/v1/models/meta/llama/predictions`
const got = `GET ${urls.get}`
const canceled = `POST ${urls.cancel}`

describe('an answer in one piece', () => {
  it('is handed on as it came, where the prediction had ended by then', () => {
    const { heard, answer, lines, last, clock } = setUp()
    expect(last().headers['prefer']).toBe('wait=5')
    answer(prediction('succeeded', { output: ['Hi'] }), 201)
    expect(lines()).toEqual([created])
    expect(heard).toMatchObject({ status: 201, ended: true })
    expect(JSON.parse(heard.text)).toMatchObject({ output: ['Hi'] })
    expect(clock.timers).toBe(0)
  })

  it('is asked for again and again, at longer and longer intervals, with the key and no body', async () => {
    const { clock, heard, answer, lines, last, made } = setUp()
    answer(prediction('starting'), 201)
    const at: number[] = []
    for (let question = 0; question < 12; question += 1) {
      const before = made.length
      while (made.length === before) await clock.advance(10)
      at.push(clock.monotonic())
      answer(prediction(question < 11 ? 'processing' : 'succeeded', { output: ['Hi'] }))
    }
    const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b))
    expect(pauses.at(-1)).toBeLessThanOrEqual(5010)
    expect(lines()).toEqual([created, ...Array.from({ length: 12 }, () => got)])
    expect(last()).toMatchObject({ body: null, headers: { authorization: 'Bearer r8_1' } })
    expect(last().headers['content-type']).toBeUndefined()
    expect(heard.ended).toBe(true)
    expect(clock.timers).toBe(0)
  })

  it('survives questions that go wrong, and waits as long as a refusal says', async () => {
    const { clock, heard, answer, last, made } = setUp()
    answer(prediction('starting'), 201)
    await clock.advance(300)
    last().handler.onError(new NetworkError('reset', 'gone'))
    await clock.advance(1000)
    answer({ detail: 'throttled' }, 429, { 'retry-after': '20' })
    const before = made.length
    await clock.advance(19_000)
    expect(made.length).toBe(before)
    await clock.advance(1100)
    answer(prediction('succeeded', { output: 'Hi' }))
    expect(heard).toMatchObject({ status: 200, ended: true })
  })

  it('is given up after too many of them, and the prediction is canceled', async () => {
    const { clock, heard, answer, last, lines } = setUp()
    answer(prediction('starting'), 201)
    for (let failure = 0; failure < 5; failure += 1) {
      await clock.advance(6000)
      last().handler.onError(new NetworkError('reset', 'gone'))
    }
    expect(heard.error?.failure).toBe('reset')
    expect(lines().at(-1)).toBe(canceled)
    answer({})
    expect(clock.timers).toBe(0)
  })

  it.each([401, 402, 404, 422])('that is refused with %i is handed on', (status) => {
    const { heard, answer, clock, lines } = setUp()
    answer({ detail: 'no' }, status)
    expect(heard).toEqual({ status, type: 'application/json', text: '{"detail":"no"}', ended: true })
    expect(lines()).toEqual([created])
    expect(clock.timers).toBe(0)
  })

  it('that is no prediction is for its reader to complain of', () => {
    const { heard, answer } = setUp()
    answer(['nonsense'])
    expect(heard).toMatchObject({ status: 200, text: '["nonsense"]', ended: true })
  })

  it('is an error of the connection where making it was one', () => {
    const { heard, last, lines } = setUp()
    last().handler.onError(new NetworkError('connect', 'refused'))
    expect(heard.error?.failure).toBe('connect')
    expect(lines()).toEqual([created])
  })
})

describe('a caller that leaves', () => {
  it('has the prediction canceled, with the key', async () => {
    const { clock, call, answer, last, lines, heard } = setUp()
    answer(prediction('starting'), 201)
    await clock.advance(300)
    call.abort()
    expect(lines()).toEqual([created, got, canceled])
    expect(last()).toMatchObject({ body: null, headers: { authorization: 'Bearer r8_1' } })
    answer({})
    await clock.advance(60_000)
    expect(lines()).toHaveLength(3)
    expect(clock.timers).toBe(0)
    expect(heard).toEqual({ text: '', ended: false })
  })

  it('before the prediction is known has it canceled as soon as it is', async () => {
    const { clock, call, answer, lines, made } = setUp()
    call.abort()
    expect(made[0]?.aborted).toBe(false)
    await clock.advance(3000)
    answer(prediction('processing'), 201)
    expect(lines()).toEqual([created, canceled])
    answer({})
    expect(clock.timers).toBe(0)
  })

  it('does not keep a call open for ever that never answers', async () => {
    const { clock, call, made } = setUp()
    call.abort()
    await clock.advance(31_000)
    expect(made[0]?.aborted).toBe(true)
    expect(clock.timers).toBe(0)
  })

  it('cancels nothing that has ended, or was never made', () => {
    for (const [json, status] of [
      [prediction('succeeded'), 201],
      [{ detail: 'no' }, 422],
    ] as const) {
      const { call, answer, lines, clock } = setUp()
      call.abort()
      answer(json, status)
      expect(lines()).toEqual([created])
      expect(clock.timers).toBe(0)
    }
  })
})

describe('the key', () => {
  it.each(['get', 'cancel'] as const)('does not go to another host that an answer names to %s', async (what) => {
    const { clock, answer, lines, heard, call } = setUp()
    answer(prediction('starting', { urls: { ...urls, [what]: 'https://evil.example/v1/predictions/p1' } }), 201)
    await clock.advance(300)
    if (what === 'cancel') call.abort()
    expect(lines().join(' ')).not.toContain('evil')
    if (what === 'get') {
      expect(heard.error?.failure).toBe('refused-address')
      expect(lines()).toEqual([created, canceled])
    }
  })

  it('does not go to another host that an answer names to listen to', () => {
    const { answer, lines, heard } = setUp('text/event-stream')
    answer(prediction('starting', { urls: { ...urls, stream: 'https://stream.evil.example/s' } }), 201)
    expect(heard.error?.failure).toBe('refused-address')
    expect(lines()).toEqual([created, canceled])
  })
})

describe('a stream', () => {
  const begun = () => {
    const set = setUp('text/event-stream')
    expect(set.last().headers['prefer']).toBeUndefined()
    expect(set.last().headers['accept']).toBe('application/json')
    set.answer(prediction('starting', { model: 'meta/llama' }), 201)
    expect(set.last()).toMatchObject({ method: 'GET', origin: 'https://stream.replicate.com', path: '/v1/files/s1' })
    expect(set.last().headers).toEqual({ authorization: 'Bearer r8_1', accept: 'text/event-stream' })
    const { handler } = set.last()
    handler.onHead(200, { 'content-type': 'text/event-stream' })
    return { ...set, say: (text: string) => handler.onData(Buffer.from(text)), stream: handler, listening: set.last() }
  }
  const events = (text: string): string[] =>
    [...text.matchAll(/event: (\w+)\ndata: (.*)\n/g)].map(([, name, data]) => `${name} ${data}`)

  it('is handed on, with whose it is before it and what it took at its end', async () => {
    const { heard, say, answer, lines, clock, listening } = begun()
    say('event: output\ndata: On')
    say('ce\n\nevent: output\ndata:  upon\n\nevent: done\ndata: {}\n\n')
    expect(listening.aborted).toBe(true)
    expect(heard.ended).toBe(false)
    answer(prediction('processing'))
    await clock.advance(200)
    answer(prediction('succeeded', { output: ['Once', ' upon'], metrics: { output_token_count: 2 } }))
    expect(events(heard.text).slice(1)).toEqual([
      'output Once',
      'output  upon',
      'prediction {"metrics":{"output_token_count":2}}',
      'done {}',
    ])
    expect(events(heard.text)[0]).toContain('"model":"meta/llama"')
    expect(heard).toMatchObject({ status: 200, type: 'text/event-stream', ended: true })
    expect(lines().slice(2)).toEqual([got, got])
    expect(clock.timers).toBe(0)
  })

  it('does not wait long for what it took', async () => {
    const { heard, say, clock } = begun()
    say('event: output\ndata: Once\n\nevent: done\ndata: {}\n\n')
    await clock.advance(1001)
    expect(events(heard.text).slice(1)).toEqual(['output Once', 'done {}'])
    expect(heard.ended).toBe(true)
    expect(clock.timers).toBe(0)
  })

  it('stops when the caller does, and the prediction with it', () => {
    const { call, say, lines, heard, listening } = begun()
    say('event: output\ndata: Once\n\n')
    call.abort()
    expect(listening.aborted).toBe(true)
    expect(lines().at(-1)).toBe(canceled)
    say('event: output\ndata: more\n\n')
    expect(heard.text).not.toContain('more')
  })

  it('that tells an error has nothing left to cancel', () => {
    const { call, say, lines, heard, clock } = begun()
    say('event: error\ndata: {"detail":"out of memory"}\n\n')
    call.abort()
    expect(lines()).not.toContain(canceled)
    expect(events(heard.text)[1]).toBe('error {"detail":"out of memory"}')
    expect(clock.timers).toBe(0)
  })

  it('that breaks off, or ends before its end, is told as it was, and canceled', () => {
    const cut = begun()
    cut.say('event: output\ndata: Once\n\n')
    cut.stream.onError(new NetworkError('reset', 'gone'))
    expect(cut.heard.error?.failure).toBe('reset')
    expect(cut.lines().at(-1)).toBe(canceled)
    const short = begun()
    short.say('event: output\ndata: Once\n\n')
    short.stream.onEnd()
    expect(short.heard).toMatchObject({ ended: true })
    expect(events(short.heard.text).at(-1)).toBe('output Once')
    expect(short.lines().at(-1)).toBe(canceled)
  })

  it('is held back as the caller asks', () => {
    const { call, paused } = begun()
    call.pause()
    call.resume()
    expect(paused).toEqual([true, false])
  })

  it('is made of the prediction where the model has none', async () => {
    const { clock, heard, answer } = setUp('text/event-stream')
    const { stream: _, ...without } = urls
    answer(prediction('starting', { urls: without }), 201)
    await clock.advance(300)
    answer(prediction('succeeded', { urls: without, output: ['Once', ' upon'], metrics: { predict_time: 1 } }))
    expect(events(heard.text).slice(1)).toEqual(['output Once', 'output  upon', 'done {}'])
    expect(heard).toMatchObject({ type: 'text/event-stream', ended: true })
  })

  it('is made of a prediction that failed', async () => {
    const { clock, heard, answer } = setUp('text/event-stream')
    const { stream: _, ...without } = urls
    answer(prediction('starting', { urls: without }), 201)
    await clock.advance(300)
    answer(prediction('failed', { urls: without, error: 'out of memory' }))
    expect(events(heard.text).slice(1)).toEqual(['error {"detail":"out of memory"}'])
  })
})

it('tells those who wait that it is closed', async () => {
  const { transport, heard, answer, clock } = setUp()
  answer(prediction('starting'), 201)
  await transport[Symbol.asyncDispose]()
  expect(heard.error?.failure).toBe('reset')
  expect(clock.timers).toBe(0)
})
