/** Not Diamond as adviser of a router: what it says is done, and whatever it does not say in time is not waited for. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

const keptKey = 'kept-key-0123456789abcdef'
let service: Upstream
let gateway: Gateway
let answer: Answer
let asked = 0

beforeAll(async () => {
  service = await startUpstream()
  service.answer((response, request) => answer(response, request))
  gateway = await startGateway(`
providers:
  notdiamond: { base_url: "${service.url}", credentials: nd-secret-0123456789 }
  openai: { use: sim, region: eu }
  local: { use: sim, region: eu }
routers:
  advised:
    strategy: classifier
    adviser: notdiamond
    tradeoff: cost
    default: openai/text
    timeout_ms: 150
    targets: [openai/text, { target: local/fast, known_as: anthropic/claude-sonnet-4-20250514 }]
keys:
  - { name: test, secret: ${clientKey} }
  - { name: kept, secret: ${keptKey}, residency: eu }`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await service.close()
})
beforeEach(() => {
  service.received.splice(0)
  answer = json({ providers: [{ provider: 'anthropic', model: 'claude-sonnet-4-20250514' }], session_id: 's' })
})

async function ask(key = clientKey, content = `question ${(asked += 1)}`) {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'advised', messages: [{ role: 'user', content }] }),
  })
  await response.text()
  return [response.status, response.headers.get('x-sluicegate-route')]
}

describe('Not Diamond', () => {
  it('is asked with what targets are called there, and heeded', async () => {
    expect(await ask(clientKey, 'Explain merge sort.')).toEqual([200, 'advised:classifier > local/fast'])
    const [question] = service.received
    expect(question).toMatchObject({ method: 'POST', path: '/v2/modelRouter/modelSelect' })
    expect(question?.headers.authorization).toBe('Bearer nd-secret-0123456789')
    expect(JSON.parse(question?.body.toString() ?? '')).toEqual({
      messages: [{ role: 'user', content: 'Explain merge sort.' }],
      llm_providers: [
        { provider: 'openai', model: 'text' },
        { provider: 'anthropic', model: 'claude-sonnet-4-20250514' },
      ],
      tradeoff: 'cost',
    })
    expect(await gateway.lastRecord()).toMatchObject({
      attempts: [{ provider: 'notdiamond', status: 200, advice: true }, { deployment: 'local/fast' }],
    })
    // The same question again is not asked again.
    await ask(clientKey, 'Explain merge sort.')
    expect(service.received).toHaveLength(1)
  })

  it.each<[string, Answer]>([
    ['is late', () => undefined],
    ['fails', json({ detail: 'no' }, 500)],
    ['refuses the key', json({ detail: 'no' }, 401)],
    ['names another model', json({ providers: [{ provider: 'openai', model: 'gpt-4o' }] })],
    ['names none', json({ providers: [] })],
    ['answers nonsense', (response) => void response.writeHead(200).end('<html>')],
    ['breaks off', (response) => void response.socket?.destroy()],
  ])('that %s is not waited for: the default is taken', async (_case, given) => {
    answer = given
    expect(await ask()).toEqual([200, 'advised:classifier > openai/text'])
    const metrics = await (
      await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${clientKey}` } })
    ).text()
    expect(metrics).toMatch(/sluicegate_routing_stumbles_total\{router="advised",reason="[a-z_]+"\} \d/)
  })

  it('hears nothing of requests that have to stay elsewhere', async () => {
    expect(await ask(keptKey)).toEqual([200, 'advised:classifier > openai/text'])
    expect(service.received).toEqual([])
  })
})
