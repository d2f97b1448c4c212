/** What a router overrides in a body leads nowhere that its key may not go, and costs nothing that was not held. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

const poorKey = 'poor-key-0123456789abcdef'
let upstream: Upstream
let gateway: Gateway
beforeAll(async () => {
  upstream = await startUpstream()
  upstream.answer(
    json({
      id: 'c',
      object: 'chat.completion',
      model: 'cheap',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
      data: [],
    }),
  )
  gateway = await startGateway(`
providers:
  p: { use: openai-compatible, base_url: "${upstream.url}/v1", models: { cheap: { prices: { input: 1, output: 1 } }, dear: { prices: { input: 1000, output: 1000 } } } }
keys:
  - { name: test, secret: ${clientKey}, models: ["*"], inline_routers: true }
  - { name: poor, secret: ${poorKey}, models: ["p/cheap", long], inline_routers: true, budget: { usd: 0.01, per: day } }
routers:
  long: { strategy: fallback, targets: [{ target: p/cheap, override: { max_tokens: 100000000 } }] }
  short: { strategy: fallback, targets: [{ target: p/cheap, override: { max_tokens: 3 } }] }`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

const asked = { model: 'p/cheap', messages: [{ role: 'user', content: 'hi' }], max_tokens: 5 }
async function ask(body: object, key = poorKey, path = '/v1/chat/completions') {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  })
  const { error } = (await response.json()) as { error?: { message: string } }
  return { status: response.status, fault: response.headers.get('x-sluicegate-fault'), message: error?.message }
}
const overriding = (override: object): object => ({
  ...asked,
  router: { strategy: 'fallback', targets: [{ target: 'p/cheap', override }] },
})

it.each([{ model: 'dear' }, { models: ['dear'] }, { stream: true }, { route: 'fallback' }])(
  'a router in a request cannot override %o',
  async (override) => {
    const calls = upstream.received.length
    expect(await ask(overriding(override))).toMatchObject({
      status: 400,
      message: expect.stringContaining(`override.${Object.keys(override).join('')}`),
    })
    expect(upstream.received).toHaveLength(calls)
  },
)

it('a budget covers what an override lets a model write, in a request and in the configuration', async () => {
  const calls = upstream.received.length
  for (const body of [overriding({ max_tokens: 100_000_000 }), overriding({ n: 100_000 }), { ...asked, model: 'long' }])
    expect(await ask(body)).toMatchObject({ status: 402, fault: 'budget_exceeded' })
  expect(upstream.received).toHaveLength(calls)
  expect(await ask(overriding({ max_tokens: 3, temperature: 0 }))).toMatchObject({ status: 200 })
  expect(JSON.parse(upstream.received.at(-1)?.body.toString() ?? '')).toMatchObject({ max_tokens: 3, temperature: 0 })
  // The client's own bound is too much; the router's is not.
  expect(await ask({ ...asked, model: 'short', max_tokens: 100_000_000 }, clientKey)).toMatchObject({ status: 200 })
})

it('a request that is not chat brings no overrides', async () => {
  const { router } = overriding({ dimensions: 4 }) as { router: object }
  expect(await ask({ model: 'p/cheap', input: 'a', router }, clientKey, '/v1/embeddings')).toMatchObject({
    status: 400,
    message: expect.stringContaining('`override` in chat requests alone'),
  })
})
