/** Managing the gateway as its operators do: over HTTP, with a key that may. */
import { OpenAI } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'

const adminKey = 'admin-key-0123456789abcdef'
const plainKey = 'plain-key-0123456789abcdef'
const routerKey = 'router-key-0123456789abcdef'

/** Whatever the path tested answers with. */
interface Answered {
  readonly candidates: readonly { readonly deployment: string; readonly state: string }[]
  readonly left_out: unknown
  readonly comparisons: unknown
  readonly data: readonly {
    readonly deployment: string
    readonly model?: string
    readonly deployments?: readonly string[]
    readonly requests?: number
    readonly error_rate?: number
    readonly latency_p50_ms?: number
    readonly windows: Readonly<Record<string, { readonly requests: number; readonly cost_usd: string }>>
  }[]
  readonly error: { readonly message: string; readonly code: string }
}

let gateway: Gateway

beforeAll(async () => {
  gateway = await startGateway(configured)
})
const configured = `
providers: { one: { use: sim }, two: { use: sim, prices: { input: 1, output: 2 } }, three: { use: sim, prices: { input: 3, output: 2 } } }
retries: { rounds: 0 }
circuit_breaker: { failures: 2 }
keys:
  - { name: admin, secret: ${adminKey}, admin: true }
  - { name: plain, secret: ${plainKey}, models: [main, "one/*"], metadata: { tier: gold } }
  - { name: routing, secret: ${routerKey}, models: ["one/*", "two/*", main], inline_routers: true }
models:
  vectors: { deployments: [{ provider: one, model: embed }] }
routers:
  main:
    strategy: conditional
    targets:
      - { when: { field: key.metadata.tier, eq: gold }, target: one/text }
      - target: { strategy: cost, targets: [two/text, three/text] }
  dead: { strategy: fallback, targets: ["three/fault?status=500", two/text] }`
afterAll(() => gateway[Symbol.asyncDispose]())

async function call(method: string, path: string, body?: unknown, key = adminKey) {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, json: (await response.json()) as Answered }
}

const explain = (body: object, more: object = {}) => call('POST', '/api/routes/explain', { body, ...more })
const ask = (model: string, key = adminKey) =>
  new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 }).chat.completions
    .create({ model, messages: [{ role: 'user', content: 'hi' }] })
    .withResponse()

describe('explaining a route', () => {
  it('tells who would be asked, what they were compared by, and who was left out', async () => {
    const { json } = await explain({ model: 'main', messages: [{ role: 'user', content: 'hi' }] })
    expect(json.candidates.map(({ deployment }: { deployment: string }) => deployment)).toEqual([
      'two/text',
      'three/text',
    ])
    expect(json.candidates[0]).toMatchObject({
      route: 'main:conditional > 2:cost > two/text',
      state: 'ready',
      expected_cost_usd: expect.stringMatching(/^0\.\d+$/) as string,
      health: 100,
    })
    expect(json.left_out).toEqual([
      { deployment: 'one/text', route: 'main:conditional > one/text', why: 'its condition is not met' },
    ])
    expect(json.comparisons).toContainEqual(
      expect.objectContaining({ router: '2:cost', target: 'two/text', unit: 'USD' }),
    )
    expect((await gateway.records()).length).toBe(0)
  })

  it('speaks for any key, any path and any headers', async () => {
    const { json } = await explain(
      { model: 'main', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] },
      { path: '/v1/messages', key: 'plain' },
    )
    expect(json.candidates[0]?.deployment).toBe('one/text')
    expect(
      (await explain({ model: 'two/text', messages: [{ role: 'user', content: 'hi' }] }, { key: 'plain' })).json.error,
    ).toMatchObject({
      code: 'model_not_allowed',
    })
  })

  it('says what cannot be asked, and what is left alone', async () => {
    await Promise.all([ask('dead'), ask('dead')])
    const { json } = await explain({ model: 'dead', messages: [{ role: 'user', content: 'hi' }] })
    expect(json.candidates[0]).toMatchObject({ state: 'open', why: expect.stringMatching(/circuit is open/) as string })
    expect(json.candidates[1]).toMatchObject({ state: 'ready' })
  })

  it.each([
    [{ body: { model: 'mian', messages: [{ role: 'user', content: 'hi' }] } }, 404, /main/],
    [{ body: { messages: [] } }, 400, /model/],
    [{}, 400, /`body` must be/],
    [{ body: { model: 'main' }, path: '/nowhere' }, 400, /serves no model/],
    [{ body: { model: 'main' }, key: 'nobody' }, 400, /No key/],
    [{ body: { model: 'main' }, headers: { a: 1 } }, 400, /must be text/],
  ])('refuses %j', async (body, status, message) => {
    const { status: got, json } = await call('POST', '/api/routes/explain', body)
    expect([got, json.error.message]).toEqual([status, expect.stringMatching(message)])
  })
})

describe('health and circuits', () => {
  it('tells how deployments do, the worst first', async () => {
    await ask('two/text')
    const { json } = await call('GET', '/api/health/deployments')
    expect(json.data[0]).toMatchObject({
      deployment: 'three/fault?status=500',
      error_rate: 1,
      failures: { provider_error: 2 },
      circuits: [{ state: 'open', held: false }],
    })
    const good = json.data.find(({ deployment }: { deployment: string }) => deployment === 'two/text')
    expect(good).toMatchObject({ health: 100, in_flight: 0, error_rate: 0 })
    expect(good?.windows['15m']?.requests).toBeGreaterThan(0)
    expect(Number(good?.windows['total']?.cost_usd)).toBeGreaterThan(0)
  })

  it('tells how models and routers do, whichever deployment answered', async () => {
    await ask('dead')
    await ask('dead')
    const { json } = await call('GET', '/api/health/models')
    const dead = json.data.find(({ model }) => model === 'dead')
    expect(dead).toMatchObject({ deployments: ['three/fault?status=500', 'two/text'], health: 100, in_flight: 0 })
    expect(dead?.error_rate).toBeGreaterThan(0)
    expect(dead?.latency_p50_ms).toBeGreaterThan(0)
    const { json: single } = await call('GET', '/api/health/deployments')
    const parts = single.data.filter(({ deployment }) => dead?.deployments?.includes(deployment))
    expect(dead?.requests).toBe(parts.reduce((sum, { requests = 0 }) => sum + requests, 0))
    expect(json.data.map(({ model }) => model)).not.toContain('vectors')
  })

  it('opens, closes and resets circuits, and says so in the log', async () => {
    const set = (action: string) => call('POST', '/api/circuits', { deployment: 'one/text', action })
    expect((await set('open')).json.data[0]).toMatchObject({ state: 'open', held: true })
    const { response } = await ask('main', plainKey)
    expect(response.headers.get('x-sluicegate-provider')).toBe('two')
    expect(
      (await explain({ model: 'main', messages: [{ role: 'user', content: 'hi' }] }, { key: 'plain' })).json
        .candidates[0]?.state,
    ).toBe('open')
    expect((await set('close')).json.data[0]).toMatchObject({ state: 'closed', held: true })
    expect((await set('reset')).json.data[0]).toMatchObject({ state: 'closed', held: false })
    expect(gateway.log.find(({ msg }) => msg === 'a circuit was set')).toMatchObject({ action: 'open', by: 'admin' })
    expect((await call('GET', '/api/circuits')).json.data.length).toBeGreaterThan(2)
  })

  it('keeps circuits and what is known of deployments over a reload, but for providers that it changes', async () => {
    const state = async (deployment: string) =>
      (await call('GET', '/api/circuits')).json.data.find((circuit) => circuit.deployment === deployment)
    await call('POST', '/api/circuits', { deployment: 'one/text', action: 'open' })
    gateway.reload(`${configured}\n  more: { strategy: fallback, targets: [one/text] }`)
    expect(await state('one/text')).toMatchObject({ state: 'open', held: true })
    gateway.reload(configured.replace('one: { use: sim }', 'one: { use: sim, headers: { x-a: b } }'))
    expect(await state('one/text')).toMatchObject({ state: 'closed', held: false })
    gateway.reload(configured)
  })

  it.each([
    [{ deployment: 'one/none', action: 'open' }, 404],
    [{ deployment: 'one/text', action: 'break' }, 400],
    [{ action: 'open' }, 400],
    [{ deployment: 'one/text', credential: 'x', action: 'open' }, 400],
  ])('refuses %j', async (body, status) => {
    expect((await call('POST', '/api/circuits', body)).status).toBe(status)
  })

  it('is for keys that may', async () => {
    for (const [method, path] of [
      ['GET', '/api/health/deployments'],
      ['GET', '/api/health/models'],
      ['GET', '/api/circuits'],
      ['POST', '/api/circuits'],
      ['POST', '/api/routes/explain'],
    ] as const) {
      const { status, json } = await call(method, path, method === 'POST' ? {} : undefined, plainKey)
      expect([status, json.error.code]).toEqual([403, 'admin_required'])
    }
  })
})

describe('a router in the request', () => {
  const bring = (router: object, key = routerKey, model = 'main') =>
    new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 }).chat.completions
      .create({ model, messages: [{ role: 'user', content: 'hi' }], router } as never)
      .withResponse()
      .then(
        ({ response }) => response.headers.get('x-sluicegate-route'),
        (error: unknown) => (error as Error).message,
      )

  it('is used in place of the model', async () => {
    expect(await bring({ strategy: 'fallback', targets: ['one/fault?status=503', 'two/text'] })).toBe(
      'router:fallback > two/text',
    )
    const turns = { strategy: 'round_robin', targets: ['one/text', 'two/text'] }
    expect([await bring(turns), await bring(turns)]).toEqual([
      'router:round_robin > one/text',
      'router:round_robin > two/text',
    ])
  })

  it('is for keys that may, and leads where they may go', async () => {
    const router = { strategy: 'fallback', targets: ['one/text'] }
    expect(await bring(router, plainKey)).toMatch(/may not bring routers/)
    expect(await bring({ strategy: 'fallback', targets: ['three/text'] })).toMatch(
      /may not use the model "three\/text"/,
    )
  })

  it.each<[object, RegExp]>([
    [{ strategy: 'falback', targets: ['one/text'] }, /router\.strategy: no strategy is called `falback` .*fallback/],
    [{ strategy: 'fallback', targets: [] }, /router\.targets.*at least one/],
    [{ targets: ['one/text'] }, /router\.strategy: is missing/],
    [
      { strategy: 'weighted', targets: [{ target: 'one/text', weight: 'much' }] },
      /router\.targets\[0\]\.weight: expected a number/,
    ],
    [{ strategy: 'weighted', targets: [{ target: 'one/text', weight: 0 }] }, /weight/],
    [{ strategy: 'fallback', targets: ['nowhere'] }, /"nowhere", which is no model/],
    [
      { strategy: 'mirror', targets: ['one/text', { target: 'two/text', shadow: true }] },
      /`mirror` is for routers of the configuration alone/,
    ],
    [{ strategy: 'fallback', targets: Array.from({ length: 101 }, () => 'main') }, /101 targets in all/],
    [{ strategy: 'fallback', targets: [{ target: 'one/text', wieght: 1 }] }, /wieght/],
    [
      Array.from({ length: 12 }).reduce<object>((inner) => ({ strategy: 'fallback', targets: [inner] }), {
        strategy: 'fallback',
        targets: ['one/text'],
      }),
      /nested deeper than 10/,
    ],
    [{ strategy: 'fallback', targets: Array.from({ length: 3000 }, () => 'one/text') }, /16384/],
  ])('is refused with its reason', async (router, message) => {
    expect(await bring(router)).toMatch(message)
  })

  it('leaves a `router` alone that is none', async () => {
    const { response } = await new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: plainKey }).chat.completions
      .create({ model: 'one/text', messages: [{ role: 'user', content: 'hi' }], router: 'auto' } as never)
      .withResponse()
    expect(response.status).toBe(200)
  })
})
