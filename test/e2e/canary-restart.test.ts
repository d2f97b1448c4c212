/** A canary goes on where it was when its gateway starts again: one that was taken back does not come back by itself. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluicegate-canary-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const yaml = (options = '') => `
providers: { old: { use: sim }, new: { use: sim } }
routers:
  rollout:
    strategy: canary
    steps: [{ share: 50 }]
    rollback: { min_requests: 10, confidence: 0.9 }${options}
    targets: [old/text, "new/fault?status=503"]
retries: { rounds: 0 }
circuit_breaker: { enabled: false }
keys: [{ name: test, secret: ${clientKey}, admin: true }]`

const headers = { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' }
const ask = (gateway: Gateway) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers,
    body: '{"model":"rollout","messages":[{"role":"user","content":"x"}]}',
  })
async function standing(gateway: Gateway) {
  const { data } = (await (await fetch(`${gateway.url}/api/canaries`, { headers })).json()) as {
    data: { state: string; share: number; since: string; why: string }[]
  }
  return data[0]
}

it('stays taken back over a restart, and begins anew when its settings change', async () => {
  let before
  {
    await using gateway = await startGateway(yaml(), { dir, keep: true })
    for (let asked = 0; asked < 300 && (await standing(gateway))?.state !== 'rolled_back'; asked += 1)
      await ask(gateway)
    before = await standing(gateway)
    expect(before).toMatchObject({ state: 'rolled_back', share: 0 })
  }
  {
    await using gateway = await startGateway(yaml(), { dir, keep: true })
    expect(await standing(gateway)).toMatchObject({
      state: 'rolled_back',
      share: 0,
      since: before?.since,
      why: before?.why,
    })
    for (let asked = 0; asked < 5; asked += 1)
      expect((await ask(gateway)).headers.get('x-sluicegate-provider')).toBe('old')
  }
  {
    await using gateway = await startGateway(yaml('\n    run: 2'), { dir, keep: true })
    expect(await standing(gateway)).toMatchObject({ state: 'waiting' })
    await ask(gateway)
    expect(await standing(gateway)).toMatchObject({ state: 'ramping', share: 0.5 })
  }
  {
    await using gateway = await startGateway(yaml('\n    run: 2'), { dir, keep: true })
    expect(await standing(gateway)).toMatchObject({ state: 'ramping', share: 0.5 })
  }
})
