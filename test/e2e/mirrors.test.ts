/** Shadow targets: asked for what a client was answered, compared on record, and never noticed by the client or its budget. */
import { Anthropic } from '@anthropic-ai/sdk'
import { OpenAI } from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ExchangeRecord } from '../../src/model/record.ts'
import { settle } from '../../src/kernel/testing/fake-clock.ts'
import { startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

const secret = 'test-client-key-0123456789'
const answer = (content: string) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
})

let upstream: Upstream
let gateway: Gateway
let client: OpenAI

beforeEach(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(`
providers:
  sim: { use: sim, prices: { input: 1, output: 2 } }
  dear: { use: openai-compatible, base_url: "${upstream.url}/v1", credentials: sk-dear-0001, models: [m], prices: { input: 1000000, output: 1000000 } }
limits: { mirrors: 1 }
retries: { rounds: 2 }
keys: [{ name: app, secret: ${secret}, budget: { usd: 1, per: total } }]
routers:
  seen: { strategy: mirror, targets: [sim/text, { target: dear/m, shadow: true }] }
  twice: { strategy: mirror, targets: [sim/text, { target: "sim/text?seed=4", shadow: true }] }
  thrice: { strategy: mirror, targets: [sim/text, { target: sim/fast, shadow: true }, { target: sim/echo, shadow: true }] }
  large: { strategy: mirror, context_window_fallbacks: [sim/fast], targets: [sim/text, { target: dear/m, shadow: true }] }
  never: { strategy: mirror, share: 0, targets: [sim/text, { target: dear/m, shadow: true }] }
  failing: { strategy: mirror, targets: ["sim/fault?status=500", { target: dear/m, shadow: true }] }`)
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: secret, maxRetries: 0 })
})
afterEach(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

const ask = (model: string) =>
  client.chat.completions.create({ model, messages: [{ role: 'user', content: 'hello' }] }).withResponse()

async function records(count: number): Promise<ExchangeRecord[]> {
  for (;;) {
    const all = await gateway.records()
    if (all.length >= count) return all
    await settle()
  }
}

const metrics = async (): Promise<string> => (await fetch(`${gateway.url}/metrics`)).text()

describe('a mirrored answer', () => {
  it('is on a record of its own, with how the two compare, and is nobody’s to pay', async () => {
    upstream.answer(json(answer('from the shadow')))
    const { data, response } = await ask('seen')
    expect(response.headers.get('x-sluicegate-route')).toBe('seen:mirror > sim/text')
    const [own, mirror] = await records(2)
    expect(own).toMatchObject({ keyName: 'app', deployment: 'sim/text' })
    expect(own).not.toHaveProperty('mirrorOf')
    expect(mirror).toMatchObject({
      mirrorOf: own?.id,
      requestId: own?.requestId,
      deployment: 'dear/m',
      route: 'seen:mirror > dear/m',
      outcome: 'ok',
      cost: 15_000_000_000,
      compared: {
        deployment: 'sim/text',
        durationMs: own?.durationMs,
        cost: own?.cost,
        finish: own?.finish,
        textLengths: [data.choices[0]?.message.content?.length, 'from the shadow'.length],
        sameText: false,
        sameToolCalls: true,
      },
    })
    expect(mirror).not.toHaveProperty('keyId')
    // A budget of a dollar would have been gone, and one that held money for the shadow would not have begun.
    await ask('never')
    expect(await metrics()).toContain('sluicegate_mirrors_total{provider="dear",model="m",outcome="ok"} 1')
    expect(await metrics()).not.toMatch(/sluicegate_requests_total\{[^}]*provider="dear"[^}]*\} [1-9]/)
  })

  it('is compared in streams, in the protocol of the client', async () => {
    const stream = await client.chat.completions.create({
      model: 'twice',
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
    })
    let text = ''
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
    const [, mirror] = await records(2)
    expect(mirror?.stream).toBe(true)
    expect(mirror?.compared).toMatchObject({ sameText: false, sameToolCalls: true })
    expect(mirror?.compared?.textLengths?.[0]).toBe(text.length)
    expect(mirror?.compared?.textLengths?.[1]).toBeGreaterThan(0)

    const messages = new Anthropic({ baseURL: gateway.url, apiKey: secret, maxRetries: 0 }).messages
    const told = await messages
      .stream({ model: 'twice', max_tokens: 50, messages: [{ role: 'user', content: 'hello' }] })
      .finalText()
    const [, , , second] = await records(4)
    expect(second?.compared?.textLengths?.[0]).toBe(told.length)
  })

  it('is not made of failures, nor beyond the share', async () => {
    await expect(ask('failing')).rejects.toMatchObject({ status: 500 })
    await ask('never')
    expect((await records(2)).some(({ mirrorOf }) => mirrorOf !== undefined)).toBe(false)
    expect(upstream.received).toHaveLength(0)
  })

  it('that fails is tried once, and the client has its answer', async () => {
    upstream.answer(json({ error: { message: 'broken' } }, 500))
    const { data } = await ask('seen')
    expect(data.choices[0]?.message.content).not.toBe('')
    const [, mirror] = await records(2)
    expect(mirror).toMatchObject({ outcome: 'fault', fault: 'provider_error', compared: { deployment: 'sim/text' } })
    expect(upstream.received).toHaveLength(1)
  })

  it('that is refused for its length is not asked of anybody else', async () => {
    upstream.answer(json({ error: { message: 'too long', code: 'context_length_exceeded' } }, 400))
    await ask('large')
    const all = await records(2)
    expect(all[1]).toMatchObject({ outcome: 'fault', attempts: [{ deployment: 'dear/m' }] })
  })

  it('is left out when as many are under way as may be', async () => {
    await ask('thrice')
    const all = await records(2)
    expect(all.map(({ deployment }) => deployment)).toEqual(['sim/text', 'sim/fast'])
    expect(await metrics()).toContain('sluicegate_mirrors_total{provider="none",model="none",outcome="dropped"} 1')
  })

  it('that hangs keeps nobody waiting: neither clients nor the end of the gateway', async () => {
    const asked = Promise.withResolvers<void>()
    const left = Promise.withResolvers<void>()
    const hangs: Answer = (response) => {
      response.on('close', () => left.resolve())
      asked.resolve()
    }
    upstream.answer(hangs)
    await ask('seen')
    await asked.promise
    await ask('seen')
    await gateway.app[Symbol.asyncDispose]()
    await left.promise
    expect(upstream.received).toHaveLength(1)
  })
})
