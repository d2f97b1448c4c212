/** A limit of a day is the same one after a restart. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { FakeClock } from '../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'

const dir = mkdtempSync(join(tmpdir(), 'sluicegate-limits-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const clock = new FakeClock()
const start = (): Promise<Gateway> =>
  startGateway(
    `
providers: { sim: {} }
keys: [{ name: test, secret: ${clientKey}, models: ["*"], limits: { requests: [10/day, 100/minute], tokens: 100000/day } }]`,
    { dir, keep: true, clock },
  )

async function ask(gateway: Gateway, model = 'sim/text') {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}` },
    body: JSON.stringify({ model, max_tokens: 20, messages: [{ role: 'user', content: 'hi' }] }),
  })
  await response.text()
  return {
    status: response.status,
    requests: Number(response.headers.get('x-ratelimit-remaining-requests')),
    tokens: Number(response.headers.get('x-ratelimit-remaining-tokens')),
  }
}

it('goes on where it was, and has refilled by the time that has passed', async () => {
  let before = { status: 0, requests: 0, tokens: 0 }
  {
    await using gateway = await start()
    for (let time = 0; time < 6; time += 1) before = await ask(gateway)
    expect(before).toMatchObject({ status: 200, requests: 4 })
    expect((await ask(gateway, 'nobody/x')).status).toBe(404)
    await gateway.records()
  }
  {
    await using gateway = await start()
    const after = await ask(gateway)
    expect(after).toMatchObject({ status: 200, requests: 3 })
    expect(after.tokens).toBeLessThan(before.tokens)
    for (let time = 0; time < 3; time += 1) expect((await ask(gateway)).status).toBe(200)
    expect((await ask(gateway)).status).toBe(429)
    await gateway.records()
  }
  await clock.advance(12 * 3_600_000)
  await using gateway = await start()
  expect((await ask(gateway)).requests).toBeGreaterThanOrEqual(3)
})
