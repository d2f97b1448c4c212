/** Routers as their users see them: requests of the official library spread over providers, and nested. */
import { OpenAI } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'

let gateway: Gateway
let client: OpenAI

beforeAll(async () => {
  gateway = await startGateway(`
providers: { one: { use: sim }, two: { use: sim }, three: { use: sim } }
retries: { rounds: 0 }
routers:
  turns: { strategy: round_robin, targets: [one/text, two/text, three/text] }
  shares: { strategy: weighted_round_robin, targets: [{ target: one/text, weight: 3 }, { target: two/text, weight: 1 }] }
  dice: { strategy: random, targets: [one/text, two/text] }
  drawn: { strategy: weighted, targets: [{ target: one/text, weight: 99 }, { target: two/text, weight: 1 }] }
  canary: { strategy: weighted, targets: ["one/fault?status=503", { target: two/text, weight: 0 }] }
  nested: { strategy: round_robin, targets: [turns, three/text] }
  inline:
    strategy: conditional
    targets:
      - when: { any: [{ field: metadata.tier, eq: gold }, { field: header.x-plan, eq: pro }] }
        target: { strategy: fallback, targets: ["one/fault?status=503", two/text] }
      - { when: { field: has.tools, eq: true }, target: three/text }
      - { target: one/text, override: { max_tokens: 2 } }
  quick: { strategy: latency, explore: 0, tolerance: 0, targets: ["one/text?ttft=40", two/text] }
  strict: { strategy: conditional, targets: [{ target: one/text, when: { field: metadata.tier, eq: gold } }] }
  together: { strategy: consistent_hash, by: user, targets: [one/text, two/text, three/text] }
  broken: { strategy: fallback, targets: ["one/fault?status=500", "two/fault?status=503"] }
  arms:
    strategy: conditional
    targets:
      - { when: { field: metadata.arm, eq: a }, target: { strategy: fallback, targets: [one/text] } }
      - { when: { field: metadata.arm, eq: b }, target: plain }
      - { target: one/text }
  plain: { strategy: fallback, targets: ["two/fault?status=503", one/text] }
  spared: { strategy: fallback, targets: ["three/fault?status=500", two/text] }`)
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
})
afterAll(() => gateway[Symbol.asyncDispose]())

async function servedBy(model: string): Promise<string | null> {
  const { response } = await client.chat.completions
    .create({ model, messages: [{ role: 'user', content: 'hello' }] })
    .withResponse()
  return response.headers.get('x-sluicegate-provider')
}

async function served(model: string, times: number): Promise<(string | null)[]> {
  const providers: (string | null)[] = []
  for (let time = 0; time < times; time += 1) providers.push(await servedBy(model))
  return providers
}

describe('a router', () => {
  it('takes its targets in turn', async () => {
    expect(await served('turns', 5)).toEqual(['one', 'two', 'three', 'one', 'two'])
  })

  it('takes them by their weights', async () => {
    expect((await served('shares', 8)).filter((provider) => provider === 'one')).toHaveLength(6)
  })

  it('draws them', async () => {
    expect(new Set(await served('dice', 40))).toEqual(new Set(['one', 'two']))
    expect((await served('drawn', 40)).filter((provider) => provider === 'one').length).toBeGreaterThan(30)
  })

  it('goes on to the target of weight 0 when the others fail', async () => {
    expect(await servedBy('canary')).toBe('two')
  })

  it('can have routers for targets', async () => {
    expect(await served('nested', 6)).toEqual(['one', 'three', 'two', 'three', 'three', 'three'])
  })

  it('tells which of several ways to a target was gone', async () => {
    const ways = []
    for (const arm of ['a', 'b', 'c']) {
      const { response } = await client.chat.completions
        .create({ model: 'arms', messages: [{ role: 'user', content: 'hi' }], metadata: { arm } })
        .withResponse()
      ways.push(response.headers.get('x-sluicegate-route'))
    }
    expect(ways).toEqual([
      'arms:conditional > 1:fallback > one/text',
      'arms:conditional > plain:fallback > one/text',
      'arms:conditional > one/text',
    ])
    expect((await gateway.records()).slice(-3).map(({ route }) => route)).toEqual(ways)
  })

  it('tells the way through routers in its answer and on its record', async () => {
    const { response } = await client.chat.completions
      .create({ model: 'inline', messages: [{ role: 'user', content: 'hi' }], metadata: { tier: 'gold' } })
      .withResponse()
    const way = 'inline:conditional > 1:fallback > two/text'
    expect(response.headers.get('x-sluicegate-route')).toBe(way)
    expect((await gateway.records()).at(-1)).toMatchObject({
      route: way,
      attempts: [{ provider: 'one' }, { provider: 'two' }],
    })
  })

  it('chooses by metadata, headers and content, and sends a target what it is to be sent', async () => {
    const ask = async (body: object, headers: Record<string, string> = {}) => {
      const { data, response } = await client.chat.completions
        .create({ model: 'inline', messages: [{ role: 'user', content: 'hi' }], ...body }, { headers })
        .withResponse()
      return [response.headers.get('x-sluicegate-provider'), data.usage?.completion_tokens]
    }
    expect((await ask({}, { 'x-plan': 'pro' }))[0]).toBe('two')
    expect((await ask({}, { 'x-sluicegate-metadata': '{"tier":"gold"}' }))[0]).toBe('two')
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }]
    expect((await ask({ tools }))[0]).toBe('three')
    expect(await ask({ max_tokens: 40 })).toEqual(['one', 2])
  })

  it('says so when no condition is met', async () => {
    await expect(
      client.chat.completions.create({ model: 'strict', messages: [{ role: 'user', content: 'hi' }] }),
    ).rejects.toMatchObject({
      status: 400,
      code: 'no_target',
      message: expect.stringMatching(/"strict" has no target/),
    })
    expect((await gateway.records()).at(-1)).toMatchObject({ fault: 'no_target', attempts: [] })
  })

  it('learns who is quick', async () => {
    const providers = await served('quick', 8)
    expect(new Set(providers.slice(0, 2))).toEqual(new Set(['one', 'two']))
    expect(new Set(providers.slice(2))).toEqual(new Set(['two']))
  })

  it('keeps a user with one target', async () => {
    const of = async (user: string) => {
      const { response } = await client.chat.completions
        .create({ model: 'together', safety_identifier: user, messages: [{ role: 'user', content: 'hi' }] })
        .withResponse()
      return response.headers.get('x-sluicegate-provider')
    }
    const users = Array.from({ length: 12 }, (_, index) => `user-${index}`)
    const first = await Promise.all(users.map(of))
    expect(await Promise.all(users.map(of))).toEqual(first)
    expect(new Set(first).size).toBeGreaterThan(1)
  })

  it.each([false, true])('says of each target why it failed, streamed: %s', async (stream) => {
    const error = await client.chat.completions
      .create({ model: 'broken', messages: [{ role: 'user', content: 'hi' }], stream })
      .then(
        () => undefined,
        (reason: unknown) => reason as InstanceType<typeof OpenAI.APIError>,
      )
    expect(error?.message).toMatch(/All targets of broken failed.*one\/fault.*\(500\).*two\/fault.*\(503\)/)
  })

  it('leaves a target alone that fails again and again', async () => {
    const attempts: number[] = []
    for (let time = 0; time < 8; time += 1) {
      const { response } = await client.chat.completions
        .create({ model: 'spared', messages: [{ role: 'user', content: 'hi' }] })
        .withResponse()
      attempts.push(Number(response.headers.get('x-sluicegate-attempts')))
    }
    expect(attempts).toEqual([2, 2, 2, 2, 2, 1, 1, 1])
    const metrics = await (
      await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${clientKey}` } })
    ).text()
    expect(metrics).toContain('sluicegate_open_circuits{provider="three"} 1')
  })
})
