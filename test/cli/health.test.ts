/** How a running gateway does, from the command line. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { newPlace } from './command-line.ts'
import type { Place } from './command-line.ts'

const adminKey = 'admin-key-0123456789abcdef'
let gateway: Gateway
let place: Place

beforeAll(async () => {
  place = newPlace()
  gateway = await startGateway(`
providers: { one: { use: sim }, two: { use: sim } }
retries: { rounds: 0 }
keys: [{ name: admin, secret: ${adminKey}, admin: true, models: ["*"] }, { name: plain, secret: plain-key-0123456789, models: ["*"] }]
models:
  chat: { deployments: [{ provider: one, model: "fault?status=500" }, { provider: two, model: text }] }`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  place[Symbol.dispose]()
})

const health = (...more: string[]) => place.run(['health', '--url', gateway.url, '--api-key', adminKey, ...more])

it('says so when nothing has been asked', async () => {
  expect(await health()).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringContaining('Nothing has been asked'),
  })
})

it('shows deployments, the worst first, and models as a whole', async () => {
  await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}` },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'hi' }] }),
  })
  const { code, stdout } = await health()
  expect(code).toBe(0)
  expect(stdout).toMatch(/DEPLOYMENT .*HEALTH[^]*one\/fault\?status=500 .* closed .*100\.0 %[^]*two\/text .* 100 /)
  expect(JSON.parse((await health('--models', '--json')).stdout)).toMatchObject({
    data: [{ model: 'chat', deployments: ['one/fault?status=500', 'two/text'], health: 100, requests: 2 }],
  })
  expect((await health('--models')).stdout).toMatch(/MODEL [^]*chat .* 50\.0 %/)
})

it('checks a deployment now, and ends with 1 where that fails', async () => {
  expect(await health('--check', 'two/text')).toMatchObject({ code: 0, stdout: expect.stringMatching(/✓ standard/) })
  expect(await health('--check', 'one/fault?status=500')).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/✗ standard .*provider_error/),
  })
})

it('says what is wrong where it cannot ask', async () => {
  expect(await health('--check', 'two/text', '--tier', 'thorough')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('quick, standard, deep'),
  })
  expect(await place.run(['health', '--url', gateway.url, '--api-key', 'plain-key-0123456789'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('manage'),
  })
  expect(await place.run(['health', '--url', 'http://127.0.0.1:1'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/nobody answers at http:\/\/127\.0\.0\.1:1[^]*--url/),
  })
  for (const url of ['http://[nowhere', 'ftp://127.0.0.1:1', 'localhost:many'])
    expect(await place.run(['health', '--url', url])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is no address'),
    })
  expect(await place.run(['health', '--url', gateway.url, '--api-key', 'one\ntwo'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('API key contains'),
  })
})
