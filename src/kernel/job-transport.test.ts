/** Jobs of several calls: what the caller hears, and that nothing runs on for nobody. */
import { describe, expect, it } from 'vitest'
import { answeredWith, jobTransport, jsonOf } from './job-transport.ts'
import type { JobScript } from './job-transport.ts'
import { FakeClock } from './testing/fake-clock.ts'
import type { Outbound, Transport, TransportHandler } from './transport.ts'
import { TransportError } from './transport.ts'

const origin = 'https://service.example'
const script: JobScript = async (job) => {
  const ordered = await job.order()
  const id = jsonOf(ordered)?.['id']
  if (typeof id !== 'string') return ordered
  job.stopsBy({ method: 'POST', path: `/jobs/${id}/stop`, json: { id } }, { method: 'DELETE', path: `/jobs/${id}` })
  return job.until({ method: 'GET', path: `/jobs/${id}` }, ({ status }) => status === 'done')
}

function setUp(run = script) {
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
  const service = { title: 'the service', isOrder: ({ path }: Outbound) => path === '/jobs', script: run }
  const transport = jobTransport({ network, clock }, service)
  const dispatch = (path: string) =>
    transport.dispatch(
      { method: 'POST', origin, path, headers: { 'x-key': 'k', 'content-type': 'a/b' }, body: Buffer.from('{}') },
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
  const answer = async (json: unknown, status = 200, headers: Record<string, string> = {}): Promise<void> => {
    const { handler } = last()
    handler.onHead(status, headers)
    handler.onData(Buffer.from(JSON.stringify(json)))
    handler.onEnd()
    await clock.advance(0)
  }
  const breakOff = async (): Promise<void> => {
    last().handler.onError(new TransportError('reset', 'gone'))
    await clock.advance(0)
  }
  const lines = (): string[] => made.map(({ method, path }) => `${method} ${path}`)
  /** Until the next call. */
  const asked = async (): Promise<void> => {
    const before = made.length
    while (made.length === before) await clock.advance(50)
  }
  return { clock, made, heard, transport, dispatch, last, answer, breakOff, lines, asked }
}

const ordered = 'POST /jobs'
const got = 'GET /jobs/j1'
const stops = ['POST /jobs/j1/stop', 'DELETE /jobs/j1']

describe('a job', () => {
  it('is asked about at growing intervals, with the key, until it is done', async () => {
    const { clock, heard, made, dispatch, answer, lines, asked } = setUp()
    dispatch('/jobs')
    await answer({ id: 'j1' }, 202)
    const at: number[] = []
    for (let question = 0; question < 15; question += 1) {
      await asked()
      at.push(clock.monotonic())
      await answer({ status: question < 14 ? 'running' : 'done', text: 'Hi' })
    }
    const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b))
    expect(pauses.at(-1)).toBeLessThanOrEqual(5050)
    expect(heard).toMatchObject({ status: 200, text: '{"status":"done","text":"Hi"}', ended: true })
    expect(lines()).toEqual([ordered, ...at.map(() => got)])
    for (const { headers } of made) expect(headers['x-key']).toBe('k')
    expect(made.at(-1)).toMatchObject({ body: null })
    expect(made.at(-1)?.headers['content-type']).toBeUndefined()
    expect(clock.timers).toBe(0)
  })

  it('survives questions that go wrong, and waits as long as a refusal says', async () => {
    const { clock, heard, made, dispatch, answer, breakOff, asked } = setUp()
    dispatch('/jobs')
    await answer({ id: 'j1' })
    await asked()
    await breakOff()
    await asked()
    await answer({ error: 'slow down' }, 429, { 'retry-after': '20' })
    const before = made.length
    await clock.advance(19_000)
    expect(made.length).toBe(before)
    await asked()
    await answer({ status: 'done' })
    expect(heard).toMatchObject({ status: 200, ended: true })
  })

  it('is given up after too many of them, and stopped', async () => {
    const { clock, heard, dispatch, answer, breakOff, lines, asked } = setUp()
    dispatch('/jobs')
    await answer({ id: 'j1' })
    for (let failure = 0; failure < 5; failure += 1) {
      await asked()
      await breakOff()
    }
    expect(heard.error?.failure).toBe('reset')
    expect(lines().at(-1)).toBe(stops[0])
    await answer({})
    expect(lines().at(-1)).toBe(stops[1])
    // To that the service does not answer.
    await clock.advance(31_000)
    expect(clock.timers).toBe(0)
  })

  it.each([[401], [500]])('that is refused with %i is handed on, and there is nothing to stop', async (status) => {
    const { clock, heard, dispatch, answer, lines } = setUp()
    dispatch('/jobs')
    await answer({ error: 'no' }, status)
    expect(heard).toMatchObject({ status, text: '{"error":"no"}', ended: true })
    expect(lines()).toEqual([ordered])
    expect(clock.timers).toBe(0)
  })

  it('whose script stumbles over an answer is an answer that makes no sense', async () => {
    const { clock, heard, dispatch, answer } = setUp(async (job) => {
      const told = await job.order()
      return answeredWith({ first: JSON.parse(told.body.toString()).list[0] as string })
    })
    dispatch('/jobs')
    await answer({})
    expect(heard.error?.failure).toBe('malformed')
    expect(clock.timers).toBe(0)
  })

  it('is only made of orders', () => {
    const { dispatch, last, made } = setUp()
    dispatch('/other')
    expect(made).toHaveLength(1)
    expect(last().headers['content-type']).toBe('a/b')
  })
})

describe('a caller that leaves', () => {
  it('has the job stopped, with the key, and hears nothing more', async () => {
    const { clock, heard, made, dispatch, answer, lines, asked } = setUp()
    const call = dispatch('/jobs')
    await answer({ id: 'j1' })
    await asked()
    call.abort()
    await clock.advance(0)
    expect(made.at(-2)?.aborted).toBe(true)
    await answer({})
    await answer({})
    expect(lines()).toEqual([ordered, got, ...stops])
    expect(made.at(-1)?.headers['x-key']).toBe('k')
    await clock.advance(60_000)
    expect(lines()).toHaveLength(4)
    expect(clock.timers).toBe(0)
    expect(heard).toEqual({ text: '', ended: false })
  })

  it('between two questions asks no more', async () => {
    const { clock, dispatch, answer, lines } = setUp()
    const call = dispatch('/jobs')
    await answer({ id: 'j1' })
    call.abort()
    await clock.advance(0)
    await answer({})
    await answer({})
    expect(lines()).toEqual([ordered, ...stops])
    expect(clock.timers).toBe(0)
  })

  it('before the job is known has it stopped as soon as it is', async () => {
    const { clock, dispatch, answer, lines, last } = setUp()
    dispatch('/jobs').abort()
    await clock.advance(3000)
    expect(last().aborted).toBe(false)
    await answer({ id: 'j1' })
    expect(lines()).toEqual([ordered, stops[0]])
  })

  it('does not keep an order open for ever that is never answered', async () => {
    const { clock, dispatch, last } = setUp()
    dispatch('/jobs').abort()
    await clock.advance(31_000)
    expect(last().aborted).toBe(true)
    expect(clock.timers).toBe(0)
  })

  it('hears that the gateway closes, which stops nothing any more', async () => {
    const { clock, heard, dispatch, transport, answer, lines } = setUp()
    dispatch('/jobs')
    await answer({ id: 'j1' })
    await transport[Symbol.asyncDispose]()
    await clock.advance(0)
    expect(heard.error?.failure).toBe('reset')
    expect(lines()).toEqual([ordered])
    expect(clock.timers).toBe(0)
  })
})
