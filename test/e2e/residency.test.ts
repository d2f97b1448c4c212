/** Requests stay where they have to: every way out of the gateway, with an upstream elsewhere that must never hear of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runs } from '../../src/kernel/testing/depth.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { mmdbOf } from '../harness/mmdb.ts'
import { openai } from '../harness/protocols.ts'
import { json, startUpstream, stream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

const unionKey = 'union-key-0123456789abcdef'
const poorKey = 'poor-key-0123456789abcdef'
const europeKey = 'europe-key-0123456789abcdef'

let gateway: Gateway
let home: Upstream
let away: Upstream

const configuration = (more = ''): string => `
providers:
  home: { use: openai-compatible, base_url: "${home.url}/v1", models: [chat, broken, long, guard, vectors], region: eu-central-1, prices: { input: 1, output: 1 }, pass_through: { enabled: true } }
  island: { use: openai-compatible, base_url: "${home.url}/v1", models: [chat], region: uksouth }
  away: { use: openai-compatible, base_url: "${away.url}/v1", models: { chat: , eu-chat: { region: eu-west-3 }, vectors: , guard: }, region: us-east-1, pass_through: { enabled: true } }
  nowhere: { use: openai-compatible, base_url: "${away.url}/v1", models: [chat] }
  cellar: { use: openai-compatible, base_url: "${home.url}/v1", models: [chat], region: cellar }
regions: { cellar: { area: eu, at: [48.2, 16.4] } }
models:
  both: { deployments: [{ provider: away, model: chat }, { provider: home, model: chat }] }
  judged: { rerank: { judge: away/chat } }
  guarded: { moderate: { judge: away/guard } }
routers:
  main: { strategy: fallback, targets: [away/chat, nowhere/chat, home/chat] }
  failing: { strategy: fallback, targets: [home/broken, away/chat] }
  hedged: { strategy: race, targets: [away/chat, home/chat, nowhere/chat] }
  shadowed: { strategy: mirror, targets: [home/chat, { target: away/chat, shadow: true }] }
  bigger: { strategy: fallback, targets: [home/long], content_policy_fallbacks: away/chat, context_window_fallbacks: away/chat }
  sorted:
    strategy: classifier
    default: home/chat
    embeddings: away/vectors
    targets: [{ target: home/chat, examples: [hello] }, { target: cellar/chat, examples: [code] }]
  priced: { strategy: fallback, targets: [nowhere/chat, home/chat] }
  strict: { strategy: fallback, residency: [eu], targets: [away/chat, home/chat] }
  near: { strategy: fallback, region: nearest, targets: [away/chat, home/chat, nowhere/chat, island/chat] }
retries: { rounds: 0 }
circuit_breaker: { enabled: false }
keys:
  - { name: test, secret: ${clientKey}, admin: true, inline_routers: true }
  - { name: union, secret: ${unionKey}, residency: eu, inline_routers: true }
  - { name: poor, secret: ${poorKey}, residency: eu, budget: { usd: 1, per: day } }
  - { name: europe, secret: ${europeKey}, residency: [eu, uk], inline_routers: true }
${more}`

const answering: Answer = (response, request) => {
  const body = request.body.toString()
  if (/"model": ?"broken"/.test(body)) return json(openai.errorAnswer('x', 'no'), 503)(response, request)
  if (/"model": ?"long"/.test(body))
    return json(openai.errorAnswer('x', 'no', 'context_length_exceeded'), 400)(response, request)
  if (request.path.endsWith('/embeddings')) {
    const data = [{ object: 'embedding', index: 0, embedding: [1, 0] }]
    const usage = { prompt_tokens: 1, total_tokens: 1 }
    return json({ object: 'list', data, model: 'm', usage })(response, request)
  }
  return (/"stream": ?true/.test(body) ? stream(openai.events(['here'])) : json(openai.answer('here')))(
    response,
    request,
  )
}

beforeAll(async () => {
  home = await startUpstream()
  away = await startUpstream()
  home.answer(answering)
  away.answer(answering)
  gateway = await startGateway(configuration())
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await home.close()
  await away.close()
})
beforeEach(() => {
  away.received.splice(0)
  home.received.splice(0)
})

const told = (upstream: Upstream): number => upstream.received.filter(({ method }) => method !== 'GET').length

async function post(path: string, body: object, key: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as { error?: { code: string; message: string }; message?: string }
  return { status: response.status, route: response.headers.get('x-sluicegate-route'), ...answer }
}
const chat = (model: string, key = unionKey, headers: Record<string, string> = {}, more: object = {}) =>
  post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'hello' }], ...more }, key, headers)

describe('residency of a key', () => {
  it.each([
    ['main', 'main:fallback > home/chat'],
    ['both', null],
    ['hedged', 'hedged:race > home/chat'],
    ['shadowed', 'shadowed:mirror > home/chat'],
    ['near', 'near:fallback > home/chat'],
  ])('%s: only what is inside is asked', async (model, route) => {
    expect(await chat(model)).toMatchObject({ status: 200, route })
    await gateway.idle()
    expect([told(home), told(away)]).toEqual([1, 0])
    expect(await gateway.lastRecord()).toMatchObject({ region: 'eu-central-1', residency: 'eu' })
  })

  it.each([
    ['away/chat', /"away\/chat" is served in us-east-1, and the request has to be processed within eu/],
    ['nowhere/chat', /in no region that is known/],
    ['island/chat', /in uksouth/],
    ['judged', /within eu/],
  ])('%s is refused', async (model, message) => {
    const path = model === 'judged' ? '/v1/rerank' : '/v1/chat/completions'
    const body = { model, messages: [{ role: 'user', content: 'hello' }], query: 'q', documents: ['a'] }
    const { status, error, message: said } = await post(path, body, unionKey)
    expect(status).toBe(403)
    expect(error?.message ?? said).toMatch(message)
    expect(told(away)).toBe(0)
  })

  it('moderation by a judge elsewhere is refused', async () => {
    expect(await post('/v1/moderations', { model: 'guarded', input: 'x' }, unionKey)).toMatchObject({
      status: 403,
      error: { code: 'outside_residency' },
    })
    expect(told(away)).toBe(0)
  })

  it('neither failover nor fallbacks lead out', async () => {
    expect(await chat('failing')).toMatchObject({ status: 503 })
    expect(await chat('bigger')).toMatchObject({ status: 400 })
    expect(told(away)).toBe(0)
    expect(await chat('bigger', clientKey)).toMatchObject({ status: 200 })
    expect(await chat('failing', clientKey)).toMatchObject({ status: 200 })
    expect(told(away)).toBe(2)
  })

  it('a model that advises a router is not asked elsewhere', async () => {
    expect(await chat('sorted')).toMatchObject({ status: 200 })
    expect([told(home), told(away)]).toEqual([1, 0])
    await chat('sorted', clientKey)
    expect(told(away)).toBeGreaterThan(0)
  })

  it('routers of requests and streams are kept within as well', async () => {
    const router = { strategy: 'fallback', targets: ['away/chat', 'cellar/chat'] }
    expect(await chat('x', unionKey, {}, { router })).toMatchObject({ route: 'router:fallback > cellar/chat' })
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: unionKey, maxRetries: 0 })
    const streaming = { model: 'main', stream: true as const, messages: [{ role: 'user' as const, content: 'hello' }] }
    for await (const _ of await client.chat.completions.create(streaming));
    await expect(client.chat.completions.create({ ...streaming, model: 'away/chat' })).rejects.toMatchObject({
      status: 403,
      code: 'outside_residency',
    })
    expect(told(away)).toBe(0)
  })

  it("a provider's own paths are open only inside", async () => {
    expect((await post('/home/v1/anything', { a: 1 }, unionKey)).status).toBe(200)
    expect(await post('/away/v1/anything', { a: 1 }, unionKey)).toMatchObject({
      status: 403,
      error: { code: 'outside_residency' },
    })
    expect(
      await post('/away/v1/chat/completions', { model: 'chat', messages: [{ role: 'user', content: 'x' }] }, unionKey),
    ).toMatchObject({
      status: 403,
    })
    expect(told(away)).toBe(0)
  })

  it('files go to no provider outside', async () => {
    const form = new FormData()
    form.set('purpose', 'user_data')
    form.set('provider', 'away')
    form.set('file', new Blob(['x']), 'x.txt')
    const response = await fetch(`${gateway.url}/v1/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${unionKey}` },
      body: form,
    })
    expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([
      403,
      'outside_residency',
    ])
    expect(told(away)).toBe(0)
  })

  it('one model of a provider may be elsewhere than the others', async () => {
    expect(await chat('away/eu-chat')).toMatchObject({ status: 200 })
    expect(told(away)).toBe(1)
  })

  it('counts tokens by itself, and holds money for what is inside, where only others could do more', async () => {
    const body = { model: 'both', messages: [{ role: 'user', content: 'hello' }] }
    expect(await post('/v1/messages/count_tokens', body, unionKey)).toMatchObject({ status: 200 })
    expect(await chat('priced', poorKey)).toMatchObject({ status: 200, route: 'priced:fallback > home/chat' })
    expect(told(away)).toBe(0)
  })

  it('lists what can be used alone', async () => {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: unionKey })
    const ids = (await client.models.list()).data.map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(['main', 'both', 'home/chat', 'cellar/chat', 'away/eu-chat']))
    for (const id of ['away/chat', 'nowhere/chat', 'island/chat']) expect(ids).not.toContain(id)
  })

  it('is explained', async () => {
    const { candidates, left_out } = (await post(
      '/api/routes/explain',
      { key: 'union', body: { model: 'main', messages: [{ role: 'user', content: 'x' }] } },
      clientKey,
    )) as never as {
      candidates: object[]
      left_out: object[]
    }
    expect(candidates).toMatchObject([{ deployment: 'home/chat' }])
    expect(left_out).toMatchObject([
      { deployment: 'away/chat', why: 'it is in us-east-1, outside of eu' },
      { deployment: 'nowhere/chat', why: 'it is in no region that is known, outside of eu' },
    ])
  })
})

describe('residency', () => {
  it('of a request narrows that of its key, and never widens it', async () => {
    expect(await chat('island/chat', europeKey)).toMatchObject({ status: 200 })
    expect(await chat('island/chat', europeKey, { 'x-sluicegate-residency': 'eu' })).toMatchObject({ status: 403 })
    expect(await chat('main', clientKey, { 'x-sluicegate-residency': 'eu, uk' })).toMatchObject({
      status: 200,
      route: 'main:fallback > home/chat',
    })
    expect(await chat('away/chat', unionKey, { 'x-sluicegate-residency': 'us' })).toMatchObject({ status: 403 })
    expect(await chat('main', clientKey, { 'x-sluicegate-residency': 'atlantis' })).toMatchObject({ status: 403 })
    expect(await chat('main', clientKey, { 'x-sluicegate-residency': 'eu-central-1' })).toMatchObject({ status: 200 })
    expect(told(away)).toBe(0)
  })

  it('of a router holds for everybody', async () => {
    expect(await chat('strict', clientKey)).toMatchObject({ route: 'strict:fallback > home/chat' })
    const around = { strategy: 'fallback', targets: ['strict', 'away/chat'] }
    expect(await chat('x', clientKey, {}, { router: around })).toMatchObject({
      route: 'router:fallback > strict:fallback > home/chat',
    })
    expect(told(away)).toBe(0)
  })

  it('of the whole gateway closes the ways out themselves', async () => {
    gateway.reload(configuration('residency: eu'))
    expect(await chat('main', clientKey)).toMatchObject({ route: 'main:fallback > home/chat' })
    for (const model of ['away/chat', 'nowhere/chat', 'island/chat'])
      expect(await chat(model, clientKey)).toMatchObject({ status: 403 })
    expect(told(away)).toBe(0)
    gateway.reload(configuration())
  })

  it('is kept whatever routers and policies are put together', async () => {
    const name = fc.constantFrom(
      'home/chat',
      'away/chat',
      'nowhere/chat',
      'island/chat',
      'cellar/chat',
      'away/eu-chat',
      'main',
      'strict',
    )
    const strategy = fc.constantFrom(
      'fallback',
      'random',
      'round_robin',
      'weighted',
      'least_busy',
      'cost',
      'latency',
      'race',
      'hedge',
    )
    const { router } = fc.letrec<{ router: unknown; target: unknown }>((tie) => ({
      target: fc.oneof({ maxDepth: 3, withCrossShrink: true }, name, tie('router')),
      router: fc.record({
        strategy,
        targets: fc
          .uniqueArray(tie('target'), { minLength: 1, maxLength: 4, selector: (one) => JSON.stringify(one) })
          .map((all) => all.map((target) => ({ target }))),
        residency: fc.option(fc.constantFrom('eu', 'uk', 'us', 'europe'), { nil: undefined }),
      }),
    }))
    const inside: Record<string, readonly string[]> = {
      [unionKey]: ['home/chat', 'cellar/chat', 'away/eu-chat'],
      [europeKey]: ['home/chat', 'cellar/chat', 'away/eu-chat', 'island/chat'],
    }
    await fc.assert(
      fc.asyncProperty(router, fc.constantFrom(unionKey, europeKey), async (tried, key) => {
        const { status, route, error } = await chat('x', key, {}, { router: tried })
        if (status === 200) expect(inside[key]).toContain(route?.split(' > ').at(-1))
        else expect(['outside_residency', 'no_target']).toContain(error?.code)
      }),
      { numRuns: runs(200) },
    )
    const sent = away.received
      .filter(({ method }) => method !== 'GET')
      .map(({ body }) => (JSON.parse(body.toString()) as { model: string }).model)
    expect(new Set(sent)).not.toContain('chat')
  })
})

describe('`region: nearest`', () => {
  it.each([
    ['eu-west-2', 'island/chat'],
    ['eastus2', 'away/chat'],
    ['cellar', 'home/chat'],
    ['atlantis', 'away/chat'],
  ])('a client in %s is served by %s', async (region, deployment) => {
    expect((await chat('near', clientKey, { 'x-sluicegate-region': region })).route).toBe(
      `near:fallback > ${deployment}`,
    )
  })
})

describe('an address', () => {
  const networks = { '8.8.0.0/16': [37.4, -122.1], '81.2.69.0/24': [51.5, -0.1], '127.0.0.0/8': [50.1, 8.7] } as const

  it('says where its client is, behind proxies that are trusted and no others', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluicegate-geo-'))
    const file = join(dir, 'cities.mmdb')
    writeFileSync(file, mmdbOf(networks))
    const located = (trusted: string) =>
      configuration(`server: { trusted_proxies: [${trusted}] }\ngeo: { database: ${JSON.stringify(file)} }`)
    const from = async (forwarded: string, headers: Record<string, string> = {}) =>
      (await chat('near', clientKey, { 'x-forwarded-for': forwarded, ...headers })).route?.split(' > ').at(-1)
    const before = gateway
    {
      await using behind = await startGateway(located('127.0.0.0/8, "10.0.0.0/8"'))
      gateway = behind
      expect(await from('8.8.4.4')).toBe('away/chat')
      expect(await from('81.2.69.142')).toBe('island/chat')
      expect(await from('8.8.4.4, 81.2.69.142:5123, 10.1.2.3')).toBe('island/chat')
      expect(await from('nonsense')).toBe('home/chat')
      expect(await from('8.8.4.4', { 'x-sluicegate-region': 'uksouth' })).toBe('island/chat')
      expect(await from('9.9.9.9')).toBe('away/chat')
    }
    {
      await using open = await startGateway(located(''))
      gateway = open
      expect(await from('8.8.4.4')).toBe('home/chat')
    }
    gateway = before
    writeFileSync(file, 'no database')
    await expect(startGateway(located(''))).rejects.toThrow(/geo\.database: .*cities\.mmdb is no MaxMind database/)
    rmSync(dir, { recursive: true })
    await expect(startGateway(located(''))).rejects.toThrow(/geo\.database: there is no file/)
    expect(() => gateway.reload(located(''))).toThrow(/there is no file/)
    expect(await chat('home/chat', clientKey)).toMatchObject({ status: 200 })
  })
})
