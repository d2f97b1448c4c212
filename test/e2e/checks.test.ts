/** Deployments that nobody asks are checked: spread over time, within a budget, each tier behind the one before, on record and on nobody's bill. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { openai } from '../harness/protocols.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

const second = 1000
const minute = 60 * second

let upstream: Upstream
let clock: FakeClock
let gateway: Gateway
let answer: Answer
const wellOrNot: { status: number; text: string } = { status: 200, text: 'Pong.' }

beforeAll(async () => {
  upstream = await startUpstream()
  answer = (response, request) =>
    request.method === 'GET'
      ? void response.writeHead(wellOrNot.status === 200 ? 404 : wellOrNot.status).end()
      : wellOrNot.status === 200
        ? json(openai.answer(wellOrNot.text))(response, request)
        : json(openai.errorAnswer('x', 'down'), wellOrNot.status)(response, request)
  upstream.answer((response, request) => answer(response, request))
})
afterAll(() => upstream.close())

beforeEach(() => {
  clock = new FakeClock()
  upstream.received.splice(0)
  Object.assign(wellOrNot, { status: 200, text: 'Pong.' })
})
afterEach(() => gateway[Symbol.asyncDispose]())

const start = async (checks: string, more = ''): Promise<void> => {
  gateway = await startGateway(
    `
providers:
  one: { use: openai-compatible, base_url: "${upstream.url}/v1", models: [a], discover: never, prices: { input: 1000, output: 2000 } }
  two: { use: openai-compatible, base_url: "${upstream.url}/v1", models: [b], discover: never }
models:
  a: { deployments: [{ provider: one, model: a }] }
  b: { deployments: [{ provider: two, model: b }] }
retries: { rounds: 0 }
checks: { enabled: true, deployments: ["one/*"], ${checks} }
keys: [{ name: test, secret: ${clientKey}, admin: true, budget: { usd: 1000, per: total } }]
${more}`,
    { clock },
  )
}
/** Lets time pass, a second at a time, and what comes of it be done. */
async function pass(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 5 * second) {
    await clock.advance(5 * second)
    await gateway.idle()
  }
}
const got = (method: string): number => upstream.received.filter((request) => request.method === method).length
const headers = { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' }
async function health(deployment = 'one/a') {
  const response = await fetch(`${gateway.url}/api/health/deployments`, { headers })
  const { data } = (await response.json()) as {
    data: { deployment: string; health: number; checks: object[]; circuits: { state: string }[] }[]
  }
  return data.find((one) => one.deployment === deployment)
}
const ask = (model: string) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'x' }] }),
  }).then((response) => response.status)
const metrics = async (): Promise<string> => await (await fetch(`${gateway.url}/metrics`, { headers })).text()

describe('checks', () => {
  it('begin where nobody has asked for a while, by tiers, and cost nobody anything', async () => {
    await start('idle: 2m, quick: 1m, standard: 4m, deep: 8m, jitter: 0')
    await pass(90 * second)
    expect(upstream.received).toEqual([])
    await pass(20 * minute)
    expect(got('GET')).toBeGreaterThanOrEqual(15)
    expect(got('GET')).toBeLessThanOrEqual(21)
    const posts = upstream.received
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => JSON.parse(body.toString()) as { model: string; max_tokens: number })
    expect(posts.filter(({ max_tokens: tokens }) => tokens === 1).length).toBeGreaterThanOrEqual(3)
    expect(posts.filter(({ max_tokens: tokens }) => tokens > 1).length).toBeGreaterThanOrEqual(1)
    expect(posts.every(({ model }) => model === 'a')).toBe(true)
    // Reaching for it tells no credential.
    expect(
      upstream.received
        .filter(({ method }) => method === 'GET')
        .every(({ headers }) => headers.authorization === undefined),
    ).toBe(true)
    const records = (await gateway.records()).filter(({ check }) => check !== undefined)
    expect(records).toHaveLength(posts.length)
    for (const record of records) {
      const { usage, cost } = record
      expect(record).toMatchObject({ outcome: 'ok', deployment: 'one/a' })
      expect(record.keyId).toBeUndefined()
      expect(cost).toBe((usage?.input.total ?? 0) * 1_000_000 + (usage?.output.total ?? 0) * 2_000_000)
    }
    expect(await health()).toMatchObject({
      health: 100,
      checks: [
        { tier: 'quick', good: true },
        { tier: 'standard', good: true },
        { tier: 'deep', good: true },
      ],
    })
    expect(await metrics()).toMatch(/sluicegate_checks_total\{tier="deep",outcome="good"\} \d/)
    expect(await metrics()).not.toMatch(/sluicegate_requests_total\{[^}]*\} [1-9]/)
  })

  it('leave alone what has traffic, and what the configuration leaves out', async () => {
    await start('idle: 2m, quick: 30s, standard: 30s, jitter: 0.5')
    for (let round = 0; round < 8; round += 1) {
      expect(await ask('a')).toBe(200)
      await pass(minute)
    }
    expect(got('GET')).toBe(0)
    expect(got('POST')).toBe(8)
    await pass(5 * minute)
    expect(got('GET')).toBeGreaterThan(3)
    expect(await health('two/b')).not.toMatchObject({ checks: [{}] })
  })

  it('are made of what a provider lists, whether or not anything leads to it', async () => {
    await start('idle: 1m, quick: 1m, standard: 0s, deep: 0s, jitter: 0')
    gateway.reload(`
providers: { one: { use: openai-compatible, base_url: "${upstream.url}/v1", models: [c], discover: never } }
checks: { enabled: true, deployments: ["one/*"], idle: 1m, quick: 1m, standard: 0s, deep: 0s, jitter: 0 }
keys: [{ name: test, secret: ${clientKey}, admin: true }]`)
    await pass(3 * minute)
    expect(await health('one/c')).toMatchObject({ checks: [{ tier: 'quick', good: true }] })
  })

  it('stay within their budget', async () => {
    await start('idle: 1s, quick: 0s, standard: 10s, jitter: 0, budget: { calls: 5 }')
    await pass(10 * minute)
    expect(got('POST')).toBe(5)
    expect(await metrics()).toMatch(/sluicegate_checks_total\{tier="standard",outcome="unaffordable"\} \d/)
    await gateway[Symbol.asyncDispose]()
    upstream.received.splice(0)
    await start('idle: 1s, quick: 0s, standard: 10s, jitter: 0, budget: { usd: 0.03 }')
    await pass(10 * minute)
    const spent = (await gateway.records()).reduce((sum, { cost = 0 }) => sum + cost, 0)
    expect(spent).toBeGreaterThanOrEqual(30_000_000)
    expect(got('POST')).toBeLessThan(5)
  })

  it('tell of what is down, and routing goes round it; nothing dearer is asked of it', async () => {
    await start(
      'idle: 10s, quick: 30s, standard: 30s, deep: 30s, jitter: 0',
      'routers: { best: { strategy: health, targets: [one/a, two/b] } }',
    )
    wellOrNot.status = 503
    await pass(minute)
    expect(got('GET')).toBeGreaterThan(0)
    const asked = got('POST')
    await pass(2 * minute)
    expect(got('POST')).toBe(asked)
    expect(await health()).toMatchObject({
      checks: expect.arrayContaining([
        expect.objectContaining({ tier: 'quick', good: false, fault: 'provider_error' }),
      ]) as object[],
    })
    expect((await health())?.health).toBeLessThanOrEqual(10)
    wellOrNot.status = 200
    const explained = await fetch(`${gateway.url}/api/routes/explain`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ body: { model: 'best', messages: [{ role: 'user', content: 'x' }] } }),
    })
    expect(await explained.json()).toMatchObject({ candidates: [{ deployment: 'two/b' }, { deployment: 'one/a' }] })
    await pass(2 * minute)
    expect((await health())?.health).toBeGreaterThan(90)
  })

  it('ask nothing dear of what cannot be reached, whatever the tier between', async () => {
    await start('idle: 10s, quick: 30s, standard: 0s, deep: 30s, jitter: 0')
    wellOrNot.status = 503
    await pass(minute)
    const asked = got('POST')
    await pass(minute)
    expect(got('POST')).toBe(asked)
    expect(got('GET')).toBeGreaterThan(1)
  })

  it('that say what is wrong with an answer are not made good by cheaper ones', async () => {
    await start('idle: 1h, deep: 1h')
    const healthAfter = async (tier: string): Promise<number | undefined> => {
      const body = JSON.stringify({ deployment: 'one/a', tier })
      const response = await fetch(`${gateway.url}/api/health/checks`, { method: 'POST', headers, body })
      expect(response.status).toBe(200)
      return (await health())?.health
    }
    wellOrNot.text = 'I cannot say that.'
    expect(await healthAfter('deep')).toBe(10)
    expect(await healthAfter('quick')).toBe(10)
    expect(await healthAfter('standard')).toBe(10)
    wellOrNot.text = 'Pong.'
    expect(await healthAfter('deep')).toBe(100)
  })

  it('try the circuit of each credential', async () => {
    gateway = await startGateway(
      `
providers:
  one: { use: openai-compatible, base_url: "${upstream.url}/v1", models: [a], discover: never, credentials: [first, second] }
retries: { rounds: 0 }
circuit_breaker: { failures: 1, recovery: 30s, successes: 1 }
checks: { enabled: true, idle: 1h, quick: 0s, standard: 1h, jitter: 0 }
keys: [{ name: test, secret: ${clientKey}, admin: true }]
`,
      { clock },
    )
    wellOrNot.status = 503
    expect(await ask('one/a')).toBe(503)
    expect(await health()).toMatchObject({ circuits: [{ state: 'open' }, { state: 'open' }] })
    wellOrNot.status = 200
    await pass(50 * second)
    expect(await health()).toMatchObject({ circuits: [{ state: 'closed' }, { state: 'closed' }] })
  })

  it('close a circuit that opened, without the risk of a client’s request', async () => {
    await start(
      'idle: 1h, quick: 0s, standard: 1h, jitter: 0',
      'circuit_breaker: { failures: 2, recovery: 30s, successes: 2 }',
    )
    wellOrNot.status = 503
    expect([await ask('a'), await ask('a')]).toEqual([503, 503])
    expect(await health()).toMatchObject({ circuits: [{ state: 'open' }] })
    await pass(20 * second)
    expect(got('POST')).toBe(2)
    wellOrNot.status = 200
    await pass(40 * second)
    expect(await health()).toMatchObject({ circuits: [{ state: 'closed' }] })
    expect(got('POST')).toBeGreaterThanOrEqual(4)
  })

  it('are made when somebody asks for one, whatever is due', async () => {
    await start('idle: 1h')
    const check = async (body: object) => {
      const response = await fetch(`${gateway.url}/api/health/checks`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      })
      return [response.status, await response.json()] as const
    }
    expect(await check({ deployment: 'two/b', tier: 'deep' })).toMatchObject([
      200,
      {
        checks: [
          { tier: 'quick', good: true },
          { tier: 'standard', good: true },
          { tier: 'deep', good: true },
        ],
      },
    ])
    wellOrNot.text = 'I cannot say that.'
    expect(await check({ deployment: 'one/a', tier: 'deep' })).toMatchObject([
      200,
      {
        checks: [
          {},
          { good: true },
          { tier: 'deep', good: false, message: 'it was asked for "pong" and said something else' },
        ],
      },
    ])
    expect((await health())?.health).toBeLessThanOrEqual(10)
    expect(await ask('a')).toBe(200)
    expect((await health())?.health).toBe(100)
    expect(await check({ deployment: 'no/where' })).toMatchObject([404, {}])
    expect(await check({ deployment: 'one/a', tier: 'deepest' })).toMatchObject([400, {}])
  })
})
