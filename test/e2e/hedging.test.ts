/** Several targets at work for one request, as the official library sees it: the quickest is heard, all are paid, none is left running. */
import { OpenAI } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeClock, settle } from '../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'

let gateway: Gateway
let client: OpenAI
/** The gateway's: a slow target takes as long as the test lets it. */
const clock = new FakeClock()
/** Never within a test. */
const slow = 'one/text?ttft=600000'

beforeAll(async () => {
  gateway = await startGateway(
    `
providers:
  one: { use: sim, prices: { input: 1000, output: 1000 } }
  two: { use: sim, prices: { input: 1, output: 1 } }
  dear: { use: sim, prices: { input: 1000, output: 1000 } }
  keys: { use: sim, credentials: [first-credential, second-credential] }
retries: { rounds: 0 }
keys:
  - { name: test, secret: ${clientKey}, models: ["*"] }
  - { name: poor, secret: poor-key-0123456789, budget: { usd: 0.6, per: total } }
routers:
  both: { strategy: race, targets: ["${slow}", two/text] }
  dearest: { strategy: race, targets: ["${slow}", dear/text] }
  single: { strategy: fallback, targets: [dear/text, "${slow}"] }
  late: { strategy: hedge, after: 500, budget: 1, targets: ["${slow}", two/text] }
  rare: { strategy: hedge, after: 500, budget: 0.05, targets: ["${slow}", two/text] }
  learnt: { strategy: hedge, after: p95, targets: [two/echo, one/text] }
  waiting: { strategy: hedge, after: 500, budget: 1, targets: ["${slow}", "two/text?ttft=600000"] }
  refused: { strategy: race, targets: ["one/fault?status=400", "two/text?ttft=600000"] }
  broken: { strategy: race, targets: ["one/fault?status=500", "two/fault?status=503"] }
  three: { strategy: race, width: 3, targets: ["${slow}", "dear/text?ttft=600000", two/text] }
  keyed: { strategy: race, targets: ["keys/text?ttft=600000", two/text] }
  within: { strategy: race, targets: [pair, two/text] }
  pair: { strategy: fallback, targets: ["${slow}", "dear/text?ttft=600000"] }
  around: { strategy: fallback, targets: [both, three] }
  spare: { strategy: race, targets: ["one/fault?status=500", "two/fault?status=503", two/text] }`,
    { clock },
  )
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
})
afterAll(() => gateway[Symbol.asyncDispose]())

const messages = [{ role: 'user' as const, content: 'hello' }]
const ask = (model: string) =>
  client.chat.completions.create({ model, messages, max_completion_tokens: 20 }).withResponse()
const last = async () => (await gateway.records()).at(-1)

/** Time passes until it is over. */
async function inTime<T>(promise: Promise<T>): Promise<T> {
  const progress = { over: false }
  const ended = promise.finally(() => (progress.over = true))
  ended.catch(() => {})
  while (!progress.over) await clock.advance(100)
  return ended
}

describe('targets that are asked at once', () => {
  it('answer once, and the slower one is let go, on record and paid for', async () => {
    const { data, response } = await inTime(ask('both'))
    expect(response.headers.get('x-sluicegate-provider')).toBe('two')
    const record = await last()
    expect(record?.attempts.map(({ provider, outrun = false }) => [provider, outrun])).toEqual([
      ['one', true],
      ['two', false],
    ])
    const told = data.usage
    // The slow one had read the question, and written nothing.
    const read = (record?.usage?.input.total ?? 0) - (told?.prompt_tokens ?? 0)
    expect(read).toBeGreaterThan(0)
    expect(record?.usage?.output.total).toBe(told?.completion_tokens)
    expect(record?.cost).toBe(read * 1_000_000 + (told?.total_tokens ?? 0) * 1000)
    expect(record?.outcome).toBe('ok')
  })

  it('are as many as its width says, each time', async () => {
    for (let time = 0; time < 4; time += 1) {
      await inTime(ask('three'))
      expect((await last())?.attempts.map(({ provider }) => provider)).toEqual(['one', 'dear', 'two'])
    }
  })

  it.each([
    ['credentials of one of them', 'keyed', ['keys', 'two']],
    ['targets of a router among them', 'within', ['one', 'two']],
    ['targets of the router around theirs', 'around', ['one', 'two']],
  ])('are not %s', async (_what, model, providers) => {
    await inTime(ask(model))
    expect((await last())?.attempts.map(({ provider }) => provider)).toEqual(providers)
  })

  it('stream as one', async () => {
    const text = await inTime(
      client.chat.completions.stream({ model: 'both', messages, max_completion_tokens: 20 }).finalContent(),
    )
    expect(text).not.toBe('')
    const record = await last()
    expect(record).toMatchObject({ provider: 'two', outcome: 'ok', stream: true })
    expect(record?.attempts.map(({ outrun = false, fault }) => [outrun, fault])).toEqual([
      [true, undefined],
      [false, undefined],
    ])
  })

  it('are let go when one says that the request is wrong', async () => {
    await expect(inTime(ask('refused'))).rejects.toMatchObject({ status: 400 })
    expect((await last())?.attempts.map(({ outrun = false }) => outrun).toSorted()).toEqual([false, true])
  })

  it('fail as one fault that tells of each, streams too', async () => {
    const failing = inTime(client.chat.completions.create({ model: 'broken', messages, stream: true }))
    await expect(failing).rejects.toThrow(/All targets of broken failed.*\(500\).*\(503\)/)
    expect((await last())?.attempts).toHaveLength(2)
  })

  it('have fallbacks behind them', async () => {
    const { response } = await inTime(ask('spare'))
    expect(response.headers.get('x-sluicegate-attempts')).toBe('3')
  })

  it('need money for each of them', async () => {
    const poor = client.withOptions({ apiKey: 'poor-key-0123456789' })
    const asked = (model: string, max_completion_tokens: number) =>
      inTime(poor.chat.completions.create({ model, messages, max_completion_tokens }))
    // One alone holds $0.35 and a little for its answer.
    await expect(asked('dearest', 350)).rejects.toMatchObject({ status: 402 })
    await expect(asked('single', 350)).resolves.toBeDefined()
  })

  it('are all let go when the client leaves, and what each had consumed is on record', async () => {
    const leaving = new AbortController()
    const asked = client.chat.completions.create({ model: 'waiting', messages }, { signal: leaving.signal })
    asked.catch(() => {})
    while (gateway.app.server.inFlight === 0) await settle()
    for (let time = 0; time < 10; time += 1) await clock.advance(100)
    leaving.abort()
    await expect(asked).rejects.toThrow()
    while (gateway.app.server.inFlight > 0) await clock.advance(1)
    const record = await last()
    expect(record?.outcome).toBe('client-gone')
    expect(record?.attempts.map(({ provider, outrun, fault }) => [provider, outrun, fault])).toEqual([
      ['two', true, undefined],
      ['one', undefined, 'client_gone'],
    ])
    const input = (record?.usage?.input.total ?? 0) / 2
    expect(record?.cost).toBe(input * 1_001_000)
  })
})

describe('a target that takes long', () => {
  it('gets another beside it', async () => {
    const { response } = await inTime(ask('late'))
    expect(response.headers.get('x-sluicegate-provider')).toBe('two')
    const record = await last()
    expect(record?.attempts[1]?.startedMs).toBeGreaterThanOrEqual(500)
    expect(record?.overheadMs).toBeLessThan(500)
  })

  it('gets none beside it once the share is used up', async () => {
    const { response } = await inTime(ask('rare'))
    expect(response.headers.get('x-sluicegate-provider')).toBe('two')
    const leaving = new AbortController()
    const asked = client.chat.completions.create({ model: 'rare', messages }, { signal: leaving.signal })
    asked.catch(() => {})
    while (gateway.app.server.inFlight === 0) await settle()
    for (let time = 0; time < 10; time += 1) await clock.advance(100)
    leaving.abort()
    await expect(asked).rejects.toThrow()
    while (gateway.app.server.inFlight > 0) await clock.advance(1)
    expect((await last())?.attempts.map(({ provider }) => provider)).toEqual(['one'])
  })

  it('is not hedged before it is known how long it usually takes', async () => {
    const { response } = await inTime(ask('learnt'))
    expect(response.headers.get('x-sluicegate-attempts')).toBe('1')
  })

  it('is told in metrics', async () => {
    const headers = { authorization: `Bearer ${clientKey}` }
    const text = await (await fetch(`${gateway.url}/metrics`, { headers })).text()
    expect(text).toMatch(/sluicegate_attempts_total\{provider="one",model="text\?ttft=600000",result="outrun"\} [1-9]/)
  })
})
