/** Which models a provider has, learnt by asking it: listed for clients, found by their bare names, asked again when they change. */
import { OpenAI } from 'openai'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FakeClock } from '../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { openai } from '../harness/protocols.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

let upstream: Upstream
let models: string[]
let gateway: Gateway | undefined

beforeEach(async () => {
  upstream = await startUpstream()
  models = ['gpt-4o', 'gpt-9-nova']
  upstream.answer((response, request) =>
    json(
      request.method === 'GET'
        ? { object: 'list', data: models.map((id) => ({ id, object: 'model', created: 1, owned_by: 'x' })) }
        : openai.answer('hello'),
    )(response, request),
  )
})
afterEach(async () => {
  await gateway?.[Symbol.asyncDispose]()
  gateway = undefined
  await upstream.close()
})

async function start(discover: string): Promise<{ client: OpenAI; clock: FakeClock }> {
  const clock = new FakeClock()
  const provider = `{ use: openai, base_url: "${upstream.url}/v1", credentials: sk-of-corporate, discover: ${discover}, prices: { input: 1, output: 1 } }`
  gateway = await startGateway(`providers: { corporate: ${provider} }`, { clock })
  return { client: new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 }), clock }
}
const listed = async (client: OpenAI): Promise<string[]> => (await client.models.list()).data.map(({ id }) => id)
/** Asks on until it is in the list: what was found is taken in between two requests. */
async function listedWith(client: OpenAI, id: string): Promise<string[]> {
  for (let turn = 0; turn < 200; turn += 1) {
    const ids = await listed(client)
    if (ids.includes(id)) return ids
  }
  return []
}
const asking = () => upstream.received.filter(({ method }) => method === 'GET')

it('is done where the configuration says so, with the provider’s key, and every ten minutes again', async () => {
  const arrival = upstream.arrival()
  const { client, clock } = await start('always')
  const { path, headers } = await arrival
  expect(path).toBe('/v1/models')
  expect(headers.authorization).toBe('Bearer sk-of-corporate')
  expect(await listedWith(client, 'corporate/gpt-9-nova')).toEqual(['corporate/gpt-4o', 'corporate/gpt-9-nova'])
  const answer = await client.chat.completions.create({
    model: 'gpt-9-nova',
    messages: [{ role: 'user', content: 'x' }],
  })
  expect(answer.choices[0]?.message.content).toBe('hello')
  models.push('gpt-9-nova-mini')
  expect(await listed(client)).toHaveLength(2)
  expect(asking()).toHaveLength(1)
  await clock.advance(600_001)
  expect(await listedWith(client, 'corporate/gpt-9-nova-mini')).toHaveLength(3)
  expect(asking()).toHaveLength(2)
})

it.each(['never', 'auto'])('is not done with %s where the models are known', async (discover) => {
  const { client } = await start(discover)
  expect(await listed(client)).toContain('corporate/gpt-4o')
  await expect(
    client.chat.completions.create({ model: 'gpt-9-nova', messages: [{ role: 'user', content: 'x' }] }),
  ).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
  expect(asking()).toEqual([])
})
