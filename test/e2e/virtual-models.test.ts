/** The built-in virtual models as their users see them: there without being configured, choosing what the key may use. */
import { OpenAI } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'

let gateway: Gateway

const narrowKey = 'narrow-client-key-0123456789'
const poorKey = 'poor-client-key-0123456789'

const yaml = `
providers:
  east: { use: sim, models: [text, fast, "fault?status=503"] }
  west: { use: sim, models: [text] }
retries: { rounds: 0 }
virtual_models: { fallbacks: 1 }
quality:
  east/text: { code: 90, tools: 60, chat: 85 }
  east/fast: { code: 55, tools: 30, chat: 60 }
  west/text: { code: 40, tools: 88, chat: 30 }
prices:
  east/text: { input: 10, output: 30 }
  east/fast: { input: 1, output: 2 }
  west/text: { input: 0.1, output: 0.2 }
keys:
  - { name: test, secret: ${clientKey}, admin: true }
  - { name: narrow, secret: ${narrowKey}, models: ["west/*", "east/fast"] }
  - { name: poor, secret: ${poorKey}, budget: { usd: 0.1, per: day } }
`

beforeAll(async () => {
  gateway = await startGateway(yaml)
})
afterAll(() => gateway[Symbol.asyncDispose]())

async function ask(model: string, body: object = {}, apiKey = clientKey) {
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 })
  const { response } = await client.chat.completions
    .create({ model, messages: [{ role: 'user', content: 'hello' }], ...body })
    .withResponse()
  return response.headers.get('x-sluicegate-route')
}

const says = (content: string) => ({ messages: [{ role: 'user' as const, content }] })
const api = async (path: string): Promise<{ data: Record<string, unknown>[] }> => {
  const answer = await fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${clientKey}` } })
  return (await answer.json()) as { data: Record<string, unknown>[] }
}

describe('virtual models', () => {
  it('are listed with the others', async () => {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: narrowKey })
    const ids = (await client.models.list()).data.map(({ id }) => id)
    expect(ids.filter((id) => id.startsWith('router:'))).toEqual([
      'router:general:balanced',
      'router:general:quality',
      'router:general:cost',
      'router:general:latency',
      'router:code:auto',
      'router:code:price',
      'router:code:quality',
      'router:code:agentic',
    ])
  })

  const tools = [{ type: 'function' as const, function: { name: 'f', parameters: { type: 'object' } } }]
  it.each([
    ['router:general:quality', {}, 'east/text'],
    ['router:general:quality', { tools }, 'west/text'],
    ['router:general:cost', {}, 'east/fast'],
    ['router:code:price', {}, 'east/fast'],
    ['router:code:quality', {}, 'east/text'],
    ['router:code:agentic', {}, 'west/text'],
    ['router:code:auto', says('what does this regex match?'), 'east/fast'],
    ['router:code:auto', says('refactor this module so that there are no deadlocks'), 'east/text'],
    ['router:code:auto', { ...says('go on'), tools }, 'west/text'],
  ])('%s of %j chooses %s', async (model, body, expected) => {
    expect(await ask(model, body)).toBe(`${model} > ${expected}`)
  })

  it('choose among what the key may use, or are refused where that is nothing', async () => {
    expect(await ask('router:code:quality', {}, narrowKey)).toBe('router:code:quality > east/fast')
    gateway.reload(yaml.replace('"west/*", "east/fast"', '"other/*"'))
    await expect(ask('router:code:quality', {}, narrowKey)).rejects.toThrow(/may not use the model/)
    gateway.reload(yaml)
  })

  it('hold money for what they choose, not for the dearest that there is', async () => {
    const body = { max_tokens: 5000 }
    await expect(ask('router:general:quality', body, poorKey)).rejects.toThrow(/this request could cost up to/)
    expect(await ask('router:general:cost', body, poorKey)).toMatch(/east\/fast$/)
  })

  it('have fallbacks, the first at another provider', async () => {
    const broken = yaml
      .replace(
        'virtual_models: { fallbacks: 1 }\nquality:\n',
        'virtual_models: { models: { router:code:quality: { candidates: ["*/text", "east/fault*"] } } }\nquality:\n  "east/fault?status=503": 95\n',
      )
      .replace('prices:\n', 'prices:\n  "east/fault?status=503": { input: 0, output: 0 }\n')
    gateway.reload(broken)
    expect(await ask('router:code:quality')).toBe('router:code:quality > west/text')
    gateway.reload(yaml)
  })

  it('tell what they choose from and what came of it', async () => {
    await gateway.app.settled()
    const { data } = await api('/api/virtual-models')
    expect(data.find(({ id }) => id === 'router:code:price')).toMatchObject({
      candidates: expect.arrayContaining([
        { deployment: 'east/text', quality: expect.objectContaining({ code: 90, writing: null }) as object },
      ]) as object,
      served: [{ deployment: 'east/fast', requests: 1, failed: 0 }],
    })
  })

  it('can be explained before they are asked', async () => {
    const answer = await fetch(`${gateway.url}/api/routes/explain`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ key: 'narrow', body: { model: 'router:code:quality', ...says('hi') } }),
    })
    expect(await answer.json()).toMatchObject({
      candidates: [{ deployment: 'east/fast' }, { deployment: 'west/text' }],
      left_out: [{ deployment: 'east/text', why: 'the key may not use it' }],
    })
  })

  it('tell of each by its name, with its settings, and what it would choose for a prompt or a request', async () => {
    expect(await api('/api/virtual-models/router:code:quality')).toMatchObject({
      id: 'router:code:quality',
      settings: { candidates: null, min_quality: 50, fallbacks: 1 },
    })
    const trying = async (id: string, body: object) => {
      const answer = await fetch(`${gateway.url}/api/virtual-models/${id}/test`, {
        method: 'POST',
        headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return [answer.status, await answer.json()] as const
    }
    const before = (await gateway.records()).length
    expect(await trying('router:code:quality', { prompt: 'refactor this' })).toMatchObject([
      200,
      { chosen: 'east/text', model: 'router:code:quality', candidates: [{ deployment: 'east/text' }, {}] },
    ])
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }]
    const request = { model: 'whatever', ...says('go on'), tools }
    expect(await trying('router:code:auto', { body: request, key: 'narrow' })).toMatchObject([
      200,
      { chosen: 'west/text' },
    ])
    expect(await trying('router:code:auto', { prompt: 'x', body: request })).toMatchObject([400, {}])
    expect(await trying('router:code:none', { prompt: 'x' })).toMatchObject([
      404,
      { error: { code: 'model_not_found' } },
    ])
    expect((await gateway.records()).length).toBe(before)
  })

  it('are beside recommendations, which say what would be as good for less once there is enough to go by', async () => {
    expect((await api('/api/recommendations')).data).toEqual([])
    for (let asked = 0; asked < 50; asked += 1) await ask('east/text')
    await gateway.app.settled()
    expect((await api('/api/recommendations')).data).toEqual([])
    gateway.reload(yaml.replace('{ code: 55, tools: 30, chat: 60 }', '{ code: 89, tools: 58, chat: 86 }'))
    const { data } = await api('/api/recommendations')
    expect(data).toMatchObject([{ key: 'test', from: 'east/text', to: 'east/fast' }])
    const [{ cost_usd, instead_usd } = {}] = data
    expect(Number(instead_usd)).toBeLessThan(Number(cost_usd) / 5)
    gateway.reload(yaml)
  })

  it('are not there where they are switched off', async () => {
    gateway.reload(yaml.replace('{ fallbacks: 1 }', '{ models: { router:code:auto: { enabled: false } } }'))
    await expect(ask('router:code:auto')).rejects.toThrow(
      /404 "router:code:auto" is switched off, or has fewer than two models/,
    )
    expect(await ask('router:code:price')).toMatch(/east\/fast$/)
    gateway.reload(yaml)
  })
})
