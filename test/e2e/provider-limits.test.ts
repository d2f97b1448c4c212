/** Providers that tell how much is left of their limits: requests that would be refused there go elsewhere first. */
import { OpenAI } from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

const answer = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'a',
  choices: [{ index: 0, message: { role: 'assistant', content: 'well' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
}

const adminKey = 'test-admin-key-0123456789'

let upstream: Upstream
let gateway: Gateway
let clock: FakeClock
let client: OpenAI
/** What the first provider's keys say beside their answers. */
let told: Map<string, Record<string, string>>

beforeEach(async () => {
  upstream = await startUpstream()
  clock = new FakeClock()
  told = new Map()
  upstream.answer((response, request) => {
    const key = String(request.headers['authorization']).replace('Bearer ', '')
    return json(answer, 200, { ...told.get(key), 'x-request-id': key })(response, request)
  })
  const provider = (keys: string) =>
    `{ use: openai-compatible, base_url: "${upstream.url}/v1", credentials: [${keys}], models: [a] }`
  gateway = await startGateway(
    `
providers: { pool: ${provider('sk-first-0001, sk-second-0002')}, spare: ${provider('sk-spare-0009')} }
routers: { both: { strategy: fallback, targets: [pool/a, spare/a] } }
retries: { rounds: 0 }
keys:
  - { name: test, secret: ${clientKey} }
  - { name: root, secret: ${adminKey}, admin: true }`,
    { clock },
  )
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
})
afterEach(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

async function keyFor(model: string, more: { content?: string; max_tokens?: number } = {}): Promise<string> {
  const { content = 'hello', ...rest } = more
  await client.chat.completions.create({ model, messages: [{ role: 'user', content }], ...rest })
  return String(upstream.received.at(-1)?.headers['authorization']).replace('Bearer sk-', '')
}

const left = (requests: number): Record<string, string> => ({
  'x-ratelimit-limit-requests': '60',
  'x-ratelimit-remaining-requests': String(requests),
  'x-ratelimit-reset-requests': '60s',
})

describe('limits that a provider tells of', () => {
  it('send requests to another credential, then to another provider, and back when there is enough again', async () => {
    told.set('sk-first-0001', left(0)).set('sk-second-0002', left(1))
    expect(await keyFor('both')).toBe('first-0001')
    expect(await keyFor('both')).toBe('second-0002')
    expect(await keyFor('both')).toBe('second-0002')
    told.set('sk-second-0002', left(0))
    expect(await keyFor('both')).toBe('second-0002')
    expect([await keyFor('both'), await keyFor('both')]).toEqual(['spare-0009', 'spare-0009'])
    clock.skip(60_000)
    expect(await keyFor('both')).not.toBe('spare-0009')
  })

  it('spare the target of requests that are too large for what is left, and of those alone', async () => {
    const tokens = {
      'x-ratelimit-remaining-tokens': '400',
      'x-ratelimit-limit-tokens': '90000',
      'x-ratelimit-reset-tokens': '6m0s',
    }
    told.set('sk-first-0001', tokens).set('sk-second-0002', tokens)
    await keyFor('both')
    await keyFor('both')
    expect(await keyFor('both')).not.toBe('spare-0009')
    expect(await keyFor('both', { content: 'word '.repeat(800) })).toBe('spare-0009')
    expect(await keyFor('both', { max_tokens: 4000 })).toBe('spare-0009')
  })

  it('refuse nothing: who is alone is asked, and who is short is asked when the others fail', async () => {
    told.set('sk-first-0001', left(0)).set('sk-second-0002', left(0)).set('sk-spare-0009', left(0))
    for (const model of ['pool/a', 'pool/a', 'pool/a', 'spare/a', 'spare/a']) await keyFor(model)
    expect(await keyFor('both')).not.toBe('spare-0009')
  })

  it('are in the metrics, and in what is explained', async () => {
    told.set('sk-first-0001', left(0))
    await keyFor('both')
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(metrics).toContain(
      'sluicegate_provider_limit_remaining{provider="pool",credential="1",model="a",limit="requests"} 0',
    )
    const explained = await fetch(`${gateway.url}/api/routes/explain`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ body: { model: 'pool/a', messages: [{ role: 'user', content: 'hello' }] } }),
    })
    const { candidates } = (await explained.json()) as { candidates: { credential: number | null; state: string }[] }
    expect(candidates.map(({ state }) => state)).toEqual(['ready', 'short'])
  })
})
