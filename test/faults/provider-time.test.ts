/** Time-outs, deadlines and pauses between rounds, on a clock that the test moves: nothing here waits. */
import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock, settle } from '../../src/kernel/testing/fake-clock.ts'
import { openai, ways } from '../harness/protocols.ts'
import { json, stream } from '../harness/upstream.ts'
import type { Answer } from '../harness/upstream.ts'
import { ask, openStage } from './stage.ts'
import type { Stage, StageOptions } from './stage.ts'

let open: Stage | undefined

afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

async function onFakeTime(options: StageOptions = {}): Promise<{ stage: Stage; clock: FakeClock }> {
  const clock = new FakeClock()
  open = await openStage({
    yaml: 'timeouts: { first_byte: 30s, stall: 10s, total: 100s }',
    clock,
    ...options,
  })
  return { stage: open, clock }
}

/** The answer's head and first bytes, and then nothing. */
function begun(text: string, contentType = 'application/json', told?: () => void): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': contentType }).write(text, () => told?.())
  }
}

const silent: Answer = () => {}

/** Moves the clock on until the promise is kept; sockets get their turns in between. */
async function passTime<T>(clock: FakeClock, promise: Promise<T>, step = 1000, limit = 400): Promise<T> {
  const state = { over: false }
  const watched = promise.finally(() => {
    state.over = true
  })
  // Told to the caller, who awaits the promise itself.
  watched.catch(() => {})
  for (let moves = 0; !state.over && moves < limit; moves += 1) {
    await settle()
    await new Promise((resolve) => {
      setTimeout(resolve, 1)
    })
    if (!state.over) await clock.advance(step)
  }
  return promise
}

describe.each(ways)('%s: a provider that', (_name, { client, provider, at }) => {
  it('never begins to answer is given up after first_byte, its connection closed, and the next one asked', async () => {
    const { stage, clock } = await onFakeTime()
    const router = stage.router([at, silent], [at, json(provider.answer('prompt'))])
    const asked = ask(stage, client, client.request(router.name))
    const request = await stage.called(router.targets[0] ?? '')
    await clock.advance(29_999)
    await settle()
    expect(stage.calls(router.targets[1] ?? '')).toHaveLength(0)
    await clock.advance(2)
    await request.closed
    const response = await asked
    expect(client.textOf(await response.text())).toBe('prompt')
    const record = await stage.recordOf(response.headers.get('x-request-id'))
    expect(record.attempts).toMatchObject([{ fault: 'provider_timeout', durationMs: 30_000 }, { status: 200 }])
  })

  it('alone never begins to answer: 504, and the client may try again', async () => {
    const { stage, clock } = await onFakeTime()
    const model = stage.script(silent)
    const asked = ask(stage, client, client.request(`${at}/${model}`))
    await stage.called(model)
    const response = await passTime(clock, asked, 10_000)
    expect(response.status).toBe(504)
    expect(response.headers.get('x-sluicegate-fault')).toBe('provider_timeout')
    expect(client.errorIn(await response.json())?.message).toContain('30000 ms')
  })

  it('stalls in the middle of a complete answer is given up after stall, and the next one asked', async () => {
    const { stage, clock } = await onFakeTime()
    const router = stage.router([at, begun('{"id":"x",')], [at, json(provider.answer('whole'))])
    const asked = ask(stage, client, client.request(router.name))
    const { closed } = await stage.called(router.targets[0] ?? '')
    const response = await passTime(clock, asked)
    await closed
    expect(client.textOf(await response.text())).toBe('whole')
    const record = await stage.recordOf(response.headers.get('x-request-id'))
    expect(record.attempts[0]).toMatchObject({ fault: 'provider_stalled', status: 200 })
  })

  it('sends a byte now and then all the time is ended by the total deadline, and nobody else is asked', async () => {
    const { stage, clock } = await onFakeTime()
    const drip = { on: true }
    const dripping: Answer = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const event of provider.events([]).slice(0, 1)) response.write(event)
      for (const event of provider.events(['Again. ']).slice(1, provider === openai ? 2 : 3)) response.write(event)
      while (drip.on && !response.destroyed) {
        response.write(': still here\n\n')
        await new Promise((resolve) => {
          setImmediate(resolve)
        })
      }
    }
    const router = stage.router([at, dripping], [at, json(provider.answer('never asked'))])
    const response = await passTime(clock, ask(stage, client, client.request(router.name, { stream: true })), 10)
    const text = await passTime(clock, response.text(), 2000)
    drip.on = false
    expect(text).toContain('Again. ')
    expect(text).toContain('time budget')
    expect(stage.calls(router.targets[1] ?? '')).toHaveLength(0)
    expect(await stage.recordOf(response.headers.get('x-request-id'))).toMatchObject({
      outcome: 'cut',
      fault: 'deadline_exceeded',
    })
  })
})

describe('the total deadline', () => {
  it('ends a request that waits, with all its attempts in the record', async () => {
    const { stage, clock } = await onFakeTime({ yaml: 'timeouts: { first_byte: 60s, stall: 10s, total: 100s }' })
    const router = stage.router(['openai', silent], ['openai', silent], ['openai', silent])
    const asked = ask(stage, openai, openai.request(router.name))
    await stage.called(router.targets[0] ?? '')
    const response = await passTime(clock, asked, 5000)
    expect(response.status).toBe(504)
    expect(response.headers.get('x-sluicegate-fault')).toBe('deadline_exceeded')
    await response.text()
    const record = await stage.recordOf(response.headers.get('x-request-id'))
    expect(record.attempts).toMatchObject([{ fault: 'provider_timeout' }, { fault: 'deadline_exceeded' }])
    expect(stage.calls(router.targets[2] ?? '')).toHaveLength(0)
  })

  it('leaves no pause that could only end behind it', async () => {
    const { stage } = await onFakeTime({
      yaml: 'timeouts: { total: 2s }',
      retries: '{ rounds: 5, base_delay: 1s, max_delay: 1h }',
    })
    const model = stage.script(json(openai.errorAnswer('rate_limit_error', 'slow'), 429, { 'retry-after': '3' }))
    const response = await ask(stage, openai, openai.request(`openai/${model}`))
    await response.text()
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('3')
    expect(stage.calls(model)).toHaveLength(1)
  })
})

describe('rounds', () => {
  const busy = (headers: Record<string, string> = {}, status = 429): Answer =>
    json(openai.errorAnswer('rate_limit_error', 'slow down'), status, headers)

  it.each<[string, () => Record<string, string>, number]>([
    ['seconds', () => ({ 'retry-after': '7' }), 7000],
    ['milliseconds', () => ({ 'retry-after-ms': '1500' }), 1500],
    [
      'a date',
      () => {
        const now = new Date()
        return { date: now.toUTCString(), 'retry-after': new Date(now.getTime() + 9000).toUTCString() }
      },
      9000,
    ],
  ])('wait as long as a Retry-After in %s says, and not a moment less', async (_form, headers, wait) => {
    const { stage, clock } = await onFakeTime({ retries: '{ rounds: 1, base_delay: 100ms, max_delay: 20s }' })
    const model = stage.script(busy(headers()), json(openai.answer('second try')))
    const asked = ask(stage, openai, openai.request(`openai/${model}`))
    await stage.called(model)
    await untilPaused(clock)
    await clock.advance(wait - 1)
    await settle()
    expect(stage.calls(model)).toHaveLength(1)
    await clock.advance(1)
    const response = await asked
    expect(openai.textOf(await response.text())).toBe('second try')
    expect(response.headers.get('x-sluicegate-attempts')).toBe('2')
    const record = await stage.recordOf(response.headers.get('x-request-id'))
    expect(record.attempts).toMatchObject([
      { status: 429, startedMs: 0 },
      { status: 200, startedMs: wait },
    ])
    // Waiting is not the gateway's own work.
    expect(record.overheadMs).toBeLessThan(wait / 2)
  })

  it('back off by a random part of a pause that doubles, and end with what was last said', async () => {
    const { stage, clock } = await onFakeTime({ retries: '{ rounds: 4, base_delay: 1s, max_delay: 3s }' })
    const model = stage.script(busy({}, 503))
    const step = 20
    const response = await passTime(clock, ask(stage, openai, openai.request(`openai/${model}`)), step, 1000)
    await response.text()
    expect(response.status).toBe(503)
    expect(response.headers.get('x-sluicegate-attempts')).toBe('5')
    const { attempts } = await stage.recordOf(response.headers.get('x-request-id'))
    const starts = attempts.map(({ startedMs }) => startedMs)
    const pauses = starts.slice(1).map((at, index) => at - (starts[index] ?? 0))
    expect(pauses).toHaveLength(4)
    // The clock moves in steps while an attempt is under way.
    for (const [index, most] of [1000, 2000, 3000, 3000].entries()) expect(pauses[index]).toBeLessThan(most + 25 * step)
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeGreaterThan(100)
  })

  it('ask every target before any of them again', async () => {
    const { stage, clock } = await onFakeTime({ retries: '{ rounds: 1, base_delay: 1s, max_delay: 5s }' })
    const router = stage.router(
      ['openai', busy()],
      ['openai', busy({}, 500), json(openai.answer('second round'))],
      ['openai', busy({}, 401)],
    )
    const asked = ask(stage, openai, openai.request(router.name))
    await stage.called(router.targets[2] ?? '')
    await untilPaused(clock)
    await clock.advance(1000)
    const response = await asked
    expect(openai.textOf(await response.text())).toBe('second round')
    const record = await stage.recordOf(response.headers.get('x-request-id'))
    // A refused credential is not asked again.
    expect(record.attempts.map(({ status }) => status)).toEqual([429, 500, 401, 429, 200])
  })

  it('do not disturb a target before the time it asked for, though another may be asked at once', async () => {
    const { stage, clock } = await onFakeTime({ retries: '{ rounds: 1, base_delay: 1s, max_delay: 5s }' })
    const router = stage.router(
      ['openai', busy({ 'retry-after': '4' })],
      ['openai', busy({}, 500), json(openai.answer('it was me'))],
    )
    const asked = ask(stage, openai, openai.request(router.name))
    await stage.called(router.targets[1] ?? '')
    await untilPaused(clock)
    await clock.advance(1000)
    const response = await asked
    expect(openai.textOf(await response.text())).toBe('it was me')
    expect(stage.calls(router.targets[0] ?? '')).toHaveLength(1)
  })

  it('end at once where a provider asks for a longer pause than max_delay', async () => {
    const { stage } = await onFakeTime({ retries: '{ rounds: 3, base_delay: 1s, max_delay: 5s }' })
    const model = stage.script(busy({ 'retry-after': '6' }))
    const response = await ask(stage, openai, openai.request(`openai/${model}`))
    await response.text()
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('6')
    expect(stage.calls(model)).toHaveLength(1)
  })

  it('are not begun when there are none', async () => {
    const { stage } = await onFakeTime({ retries: '{ rounds: 0 }' })
    const model = stage.script(busy({}, 503))
    const response = await ask(stage, openai, openai.request(`openai/${model}`))
    await response.text()
    expect(stage.calls(model)).toHaveLength(1)
  })

  it('end when the client goes during the pause: one record, no call that was never made', async () => {
    const { stage, clock } = await onFakeTime({ retries: '{ rounds: 3, base_delay: 1s, max_delay: 5s }' })
    const model = stage.script(busy({ 'retry-after': '2' }))
    const leaving = new AbortController()
    const asked = fetch(`${stage.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer test-client-key-0123456789', 'x-request-id': 'leaver' },
      body: openai.request(`openai/${model}`),
      signal: leaving.signal,
    })
    await stage.called(model)
    await untilPaused(clock)
    leaving.abort()
    await expect(asked).rejects.toThrow()
    while (stage.gateway.app.server.inFlight > 0) await settle()
    await clock.advance(10_000)
    expect(stage.calls(model)).toHaveLength(1)
    const record = await stage.recordOf('leaver')
    expect(record).toMatchObject({ outcome: 'client-gone', status: 499, fault: 'client_gone' })
    expect(record.attempts).toMatchObject([{ status: 429 }])
  })

  it('make good a stream that broke before its beginning', async () => {
    const { stage, clock } = await onFakeTime({ retries: '{ rounds: 1, base_delay: 1s, max_delay: 5s }' })
    const model = stage.script(stream([': hello\n\n']), stream(openai.events(['there it is'])))
    const asked = ask(stage, openai, openai.request(`openai/${model}`, { stream: true }))
    await stage.called(model)
    await untilPaused(clock)
    await clock.advance(1000)
    const response = await asked
    expect(openai.textOf(await response.text())).toBe('there it is')
  })
})

/** Until the gateway waits between two rounds: a timer of it, and no call under way. */
async function untilPaused(clock: FakeClock): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await settle()
  expect(clock.timers).toBeGreaterThan(0)
}
