/** A picture that a service makes whether or not anybody waits for it is paid for, also when it was not there in time. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { FakeClock } from '../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

let upstream: Upstream
let gateway: Gateway
const clock = new FakeClock()
beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(
    `
providers:
  bfl: { use: black-forest-labs, base_url: "${upstream.url}", credentials: k, timeouts: { first_byte: 4s }, prices: { units: { images: 0.1 } } }
retries: { rounds: 0 }`,
    { clock },
  )
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

async function generate(): Promise<number> {
  const progress = { over: false }
  const asked = fetch(`${gateway.url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}` },
    body: JSON.stringify({ model: 'bfl/flux-pro-1.1', prompt: 'A fox.' }),
  }).finally(() => (progress.over = true))
  while (!progress.over) await clock.advance(500)
  return (await asked).status
}

it('is billed once it was ordered', async () => {
  upstream.answer((response, request) =>
    json(
      request.method === 'POST'
        ? { id: 'j1', polling_url: `${upstream.url}/v1/get_result?id=j1` }
        : { id: 'j1', status: 'Pending' },
    )(response, request),
  )
  expect(await generate()).toBe(504)
  expect(await gateway.lastRecord()).toMatchObject({
    fault: 'provider_timeout',
    usage: { units: { images: 1 } },
    cost: 100_000_000,
  })
})

it('is not billed where the order was not taken', async () => {
  upstream.answer(json({ detail: 'busy' }, 503))
  expect(await generate()).toBeGreaterThanOrEqual(500)
  expect(await gateway.lastRecord()).not.toHaveProperty('cost')
})
