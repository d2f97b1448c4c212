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
  nested: { strategy: round_robin, targets: [turns, three/text] }`)
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
})
