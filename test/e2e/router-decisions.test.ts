/** Strategies that ask before they decide, as their users see them: scripts of the configuration, and models that judge the request. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OpenAI } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'

let gateway: Gateway
let client: OpenAI

const yaml = `
keys: [{ name: test, secret: ${clientKey}, admin: true }]
providers: { one: { use: sim }, two: { use: sim }, three: { use: sim } }
retries: { rounds: 0 }
quality: { one/text: { code: 95, chat: 40 }, two/text: 80 }
routers:
  scripted:
    strategy: script
    default: two/text
    code: |
      ({ headers, body }) => {
        if (headers['x-plan'] === 'pro') return { model: 'one/text' }
        if (headers.authorization) return 'one/text'
        if (body.metadata?.plan === 'broken') return { model: 'one/fault?status=503', fallbacks: ['three/text'] }
        if (body.metadata?.plan === 'endless') for (;;);
        return 'three/text'
      }
    targets: [one/text, two/text, three/text, "one/fault?status=503"]
  topics:
    strategy: classifier
    embeddings: one/fast
    default: three/text
    min_similarity: 0.3
    targets:
      - { target: one/text, examples: ["write a function that sorts a list in python", "fix the bug in this program"] }
      - { target: two/text, examples: ["translate this sentence into french", "translate the letter into german"] }
      - three/text
  silent:
    strategy: classifier
    embeddings: "one/fault?status=503"
    default: two/text
    targets: [{ target: one/text, examples: [hello] }, two/text]
  judged:
    strategy: classifier
    judge: two/text
    default: two/text
    timeout_ms: 20000
    targets: [{ target: one/text, about: code }, { target: two/text, about: letters }]
  best: { strategy: quality, targets: [one/text, two/text, { target: three/text, quality: 10 }] }
  frugal: { strategy: cost, task: chat, min_quality: 70, targets: [one/text, two/text] }
  rising: { strategy: canary, steps: [{ share: 0, for: 10m }, { share: 100 }], targets: [one/text, two/text] }
  doomed: { strategy: canary, steps: [{ share: 50 }], targets: [one/text, "two/fault?status=503"] }`

/** Added to the time of day. */
let later = 0

beforeAll(async () => {
  gateway = await startGateway(yaml, { clock: { ...systemClock, now: () => Date.now() + later } })
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
})
afterAll(() => gateway[Symbol.asyncDispose]())

async function ask(model: string, body: object = {}, headers: Record<string, string> = {}) {
  const { response } = await client.chat.completions
    .create({ model, messages: [{ role: 'user', content: 'hello' }], ...body }, { headers })
    .withResponse()
  return response.headers.get('x-sluicegate-provider')
}

const metrics = async (): Promise<string> =>
  (await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${clientKey}` } })).text()

describe('a script', () => {
  it('decides by what it is told, and does not see the key', async () => {
    expect(await ask('scripted')).toBe('three')
    expect(await ask('scripted', {}, { 'x-plan': 'pro' })).toBe('one')
  })

  it('says what to fall back to', async () => {
    expect(await ask('scripted', { metadata: { plan: 'broken' } })).toBe('three')
  })

  it('that never ends is stopped: its default is taken, counted and told in the log once', async () => {
    const endless = { metadata: { plan: 'endless' } }
    expect([await ask('scripted', endless), await ask('scripted', endless)]).toEqual(['two', 'two'])
    expect(await metrics()).toContain('sluicegate_routing_stumbles_total{router="scripted",reason="timeout"} 2')
    expect(gateway.log.filter(({ router }) => router === 'scripted')).toMatchObject([
      { strategy: 'script', reason: 'timeout', problem: 'the script line 5: took too long' },
    ])
  })

  it('may stand in a file beside the configuration, and is refused at load for what is wrong with it', () => {
    writeFileSync(join(gateway.dir, 'route.js'), 'export default ({ headers }) =>\n  headers[;\n')
    const wrong = yaml.replace(/code: \|\n(?: {6}.*\n)+/, 'file: route.js\n')
    expect(() => gateway.reload(wrong)).toThrow(/route\.js:2: SyntaxError/)
    writeFileSync(join(gateway.dir, 'route.js'), 'export default ({ headers }) => headers["x-plan"] ?? "one/text"\n')
    expect(gateway.reload(wrong)).toEqual([])
  })
})

describe('a canary', () => {
  it('has its share when its time comes, also after a reload', async () => {
    expect(await ask('rising')).toBe('one')
    later = 11 * 60_000
    gateway.reload(yaml)
    expect(await ask('rising')).toBe('two')
    expect(await metrics()).toContain('sluicegate_canary_share{router="rising"} 1')
    const answer = await fetch(`${gateway.url}/api/canaries`, { headers: { authorization: `Bearer ${clientKey}` } })
    const { data } = (await answer.json()) as { data: object[] }
    expect(data).toMatchObject([
      { router: 'rising', target: 'two/text', state: 'ramping', share: 1, baseline: { requests: 0 } },
      { router: 'doomed', state: 'waiting', since: null },
    ])
  })

  it('that does worse is taken back, and all the while clients have answers', async () => {
    const isBack = () => gateway.log.find(({ router, state }) => router === 'doomed' && state === 'rolled_back')
    for (let asked = 0; asked < 200 && isBack() === undefined; asked += 1) expect(await ask('doomed')).toBe('one')
    expect(isBack()).toMatchObject({
      msg: 'a canary was rolled back',
      target: 'two/fault?status=503',
      why: expect.stringMatching(/^100\.0 % of its \d+ requests failed, and 0\.0 %/) as string,
    })
    expect(await metrics()).toContain('sluicegate_canary_changes_total{router="doomed",to="rolled_back"} 1')
    const [last] = (await gateway.records()).slice(-1)
    await ask('doomed')
    expect((await gateway.records()).at(-1)).toMatchObject({ attempts: [{ deployment: 'one/text' }] })
    expect(last?.outcome).toBe('ok')
  })
})

describe('a classifier', () => {
  const topic = (content: string) => ask('topics', { messages: [{ role: 'user', content }] })

  it('chooses by the nearest example, and the default where none is near', async () => {
    expect(await topic('please write a function in python')).toBe('one')
    expect(await topic('translate this letter into french please')).toBe('two')
    expect(await topic('zebra umbrella')).toBe('three')
  })

  it('asks on the client’s account, for examples once and for the same text never again', async () => {
    await topic('translate a poem into french')
    await topic('translate a poem into french')
    const [asked, remembered] = (await gateway.records()).slice(-2)
    expect(asked).toMatchObject({
      route: 'topics:classifier > two/text',
      attempts: [{ deployment: 'one/fast', advice: true }, { deployment: 'two/text' }],
    })
    expect(remembered?.attempts).toMatchObject([{ deployment: 'two/text' }])
    expect(asked?.usage?.input.total).toBeGreaterThan(remembered?.usage?.input.total ?? 0)
  })

  it('takes its default when nobody advises it', async () => {
    expect(await ask('silent')).toBe('two')
    expect(await metrics()).toMatch(/sluicegate_routing_stumbles_total\{router="silent",reason="\w+"\} 1/)
  })

  it('lets a small model choose', async () => {
    expect(['one', 'two']).toContain(await ask('judged'))
    expect((await gateway.records()).at(-1)?.attempts[0]).toMatchObject({ deployment: 'two/text', advice: true })
  })

  it('holds money for whom it asks, and is refused where that is not priced', async () => {
    const poor = `${yaml.replace('admin: true', 'budget: { usd: 0.001, per: day }')}
prices: { one/fast: { input: 1000, output: 0 } }`
    gateway.reload(poor)
    await expect(ask('topics')).rejects.toThrow(/this request could cost up to/)
    gateway.reload(yaml)
  })

  it('is refused at load when it asks nobody that there is, or goes in a circle', () => {
    const wrong = (change: string) => () => gateway.reload(yaml.replace('embeddings: one/fast', change))
    expect(wrong('embeddings: nobody/text')).toThrow(/leads nowhere/)
    expect(wrong('embeddings: topics')).toThrow(/goes round in a circle/)
    const odd = yaml.replace('default: three/text\n    min_similarity', 'default: four/text\n    min_similarity')
    expect(() => gateway.reload(odd)).toThrow(/routers.topics.default: is none of the targets/)
  })
})

describe('quality', () => {
  const about = (model: string, content: string) => ask(model, { messages: [{ role: 'user', content }] })

  it('is of the kind of work that is asked', async () => {
    expect(await about('best', 'how are you?')).toBe('two')
    expect(await about('best', 'debug this python function')).toBe('one')
  })

  it('can be a floor of cost', async () => {
    expect(await about('frugal', 'how are you?')).toBe('two')
  })
})
