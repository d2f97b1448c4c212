/** So many requests at once at a provider or model: others wait, go elsewhere, or are told to come again. */
import { OpenAI } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeClock, settle } from '../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'

let gateway: Gateway
let client: OpenAI
const clock = new FakeClock()

beforeAll(async () => {
  gateway = await startGateway(
    `
providers:
  one: { use: sim, max_concurrent: 1, queue: { size: 1, timeout: 400s } }
  two: { use: sim }
  three: { use: sim, models: { "text?ttft=200000": { max_concurrent: 1, queue: { size: 0 } }, text: } }
  four: { use: sim, max_concurrent: 1, queue: { size: 5, timeout: 2s } }
  five: { use: sim, max_concurrent: adaptive }
retries: { rounds: 0 }
routers:
  spread: { strategy: fallback, targets: ["one/text?ttft=200000", "two/text?ttft=200000"] }
  patient: { strategy: fallback, targets: ["four/text?ttft=200000"] }`,
    { clock },
  )
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
})
afterAll(() => gateway[Symbol.asyncDispose]())

const messages = [{ role: 'user' as const, content: 'hello' }]
const ask = (model: string, signal?: AbortSignal) =>
  client.chat.completions
    .create({ model, messages }, { ...(signal !== undefined && { signal }) })
    .withResponse()
    .then(
      ({ response }) => response.headers.get('x-sluicegate-provider') ?? '',
      (error: unknown) => error as InstanceType<typeof OpenAI.APIError>,
    )

/** So many are with the gateway, each as far as it comes. */
async function underWay(count: number): Promise<void> {
  while (gateway.app.server.inFlight < count) await settle()
  await settle()
}

/** Lets time pass until it is over: little in each step for what should not take any, much for slow answers. */
async function inTime<T>(promise: Promise<T>, step = 10): Promise<T> {
  const progress = { over: false }
  void promise.finally(() => (progress.over = true))
  while (!progress.over) await clock.advance(step)
  return promise
}

const figure = async (name: string): Promise<string | undefined> => {
  const headers = { authorization: `Bearer ${clientKey}` }
  const text = await (await fetch(`${gateway.url}/metrics`, { headers })).text()
  return text
    .split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.slice(name.length + 1)
}

describe('a provider that takes one request at a time', () => {
  it('lets one wait, and the rest are told to come again', async () => {
    const first = ask('one/text?ttft=200000')
    await underWay(1)
    const second = ask('one/text?ttft=200000')
    await underWay(2)
    expect(await figure('sluicegate_queued_requests{place="one"}')).toBe('1')
    expect(await figure('sluicegate_concurrent_requests{place="one"}')).toBe('1')
    const third = await inTime(ask('one/text?ttft=200000'))
    expect(third).toMatchObject({ status: 503, code: 'overloaded' })
    expect((third as InstanceType<typeof OpenAI.APIError>).headers?.get('retry-after')).toBe('1')
    expect(await inTime(Promise.all([first, second]), 5000)).toEqual(['one', 'one'])
    const [, waited] = (await gateway.records()).filter(({ outcome }) => outcome === 'ok').slice(-2)
    expect(waited?.queuedMs).toBeGreaterThan(500)
    expect(waited?.overheadMs).toBeLessThan(500)
    expect(await figure('sluicegate_concurrent_requests{place="one"}')).toBe('0')
  })

  it('is passed over while another target has room', async () => {
    const first = ask('spread')
    await underWay(1)
    expect(await inTime(Promise.all([first, ask('spread')]), 5000)).toEqual(['one', 'two'])
  })

  it('is let go by clients that leave its queue, at no cost', async () => {
    const first = ask('one/text?ttft=200000')
    await underWay(1)
    const leaving = new AbortController()
    const second = ask('one/text?ttft=200000', leaving.signal)
    await underWay(2)
    leaving.abort()
    await second
    while (gateway.app.server.inFlight > 1) await clock.advance(1)
    expect(await figure('sluicegate_queued_requests{place="one"}')).toBe('0')
    expect(await inTime(first, 5000)).toBe('one')
    const gone = (await gateway.records()).find(({ outcome }) => outcome === 'client-gone')
    expect(gone).toMatchObject({ attempts: [] })
    expect(gone?.usage).toBeUndefined()
  })

  it('is given up after a while', async () => {
    const first = ask('patient')
    await underWay(1)
    const second = inTime(ask('patient'))
    expect(await second).toMatchObject({ status: 503 })
    expect(await inTime(first, 5000)).toBe('four')
  })
})

describe('a model that takes one request at a time', () => {
  it('leaves other models of its provider alone, and has no queue where none is wanted', async () => {
    const first = ask('three/text?ttft=200000')
    await underWay(1)
    expect(await inTime(ask('three/text'))).toBe('three')
    expect(await inTime(ask('three/text?ttft=200000'))).toMatchObject({ status: 503 })
    expect(await figure('sluicegate_concurrent_requests{place="three/text?ttft=200000"}')).toBe('1')
    expect(await inTime(first, 5000)).toBe('three')
  })
})

it('finds out by itself how much a provider takes', async () => {
  expect(await inTime(ask('five/text'))).toBe('five')
  expect(await figure('sluicegate_concurrency_limit{place="five"}')).toBe('20')
})
