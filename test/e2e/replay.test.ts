/** Routers over past requests: over HTTP and on the command line, with figures that are reckoned here from the records themselves. */
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPlace } from '../cli/command-line.ts'
import type { Place } from '../cli/command-line.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'

const plainKey = 'plain-key-0123456789abcdef'
const yaml = `
providers:
  dear: { use: sim, prices: { input: 3, output: 15 } }
  cheap: { use: sim, prices: { input: 0.1, output: 0.7 } }
  free: { use: sim }
routers:
  main: { strategy: fallback, targets: [dear/text] }
  shaky: { strategy: fallback, targets: ["dear/fault?status=503", dear/text] }
  other: { strategy: fallback, targets: [cheap/text] }
  told: { strategy: conditional, targets: [{ target: cheap/text, when: { field: metadata.tier, eq: low } }, dear/text] }
retries: { rounds: 0 }
keys:
  - { name: test, secret: ${clientKey}, admin: true, metadata: { team: a } }
  - { name: plain, secret: ${plainKey} }
`

let gateway: Gateway
let place: Place
beforeAll(async () => {
  gateway = await startGateway(yaml)
  place = newPlace()
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  place[Symbol.dispose]()
})

async function ask(model: string, content: string, apiKey = clientKey, stream = false): Promise<void> {
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 })
  const messages = [{ role: 'user' as const, content }]
  if (!stream) return void (await client.chat.completions.create({ model, messages }))
  for await (const _ of await client.chat.completions.create({
    model,
    messages,
    stream,
    stream_options: { include_usage: true },
  }));
}

interface Compared {
  cost: { records: number; before_usd: string; after_usd: string; difference_usd: string }
  latency: { records: number; before_ms: number | null; after_ms: number | null }
  success: { records: number; before: number | null; after: number | null }
}
type Report = Compared & {
  records: number
  limited: boolean
  moved: number
  unchanged: number
  not_judged: { why: string; records: number }[]
  moves: (Compared & { from: string; to: string; records: number })[]
}

async function replay(asked: object, key = clientKey): Promise<Report & { error?: { message: string; code: string } }> {
  const answer = await fetch(`${gateway.url}/api/routes/replay`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(asked),
  })
  return (await answer.json()) as Report
}

const usd = (nano: number): string => String(Number((nano / 1e9).toFixed(9)))

describe('a replay', () => {
  it('tells exactly what another target would have cost, and how it did elsewhere', async () => {
    for (let index = 0; index < 7; index += 1) await ask('main', 'word '.repeat(index * 5 + 1))
    await ask('main', 'as a stream', clientKey, true)
    const tried = { router: { strategy: 'fallback', targets: ['cheap/text'] }, model: 'main' }
    const first = await replay(tried)
    const records = (await gateway.records()).filter(({ modelAsked }) => modelAsked === 'main')
    const sum = (input: number, output: number): number =>
      records.reduce(
        (total, { usage }) => total + (usage?.input.total ?? 0) * input + (usage?.output.total ?? 0) * output,
        0,
      )
    expect(first).toMatchObject({
      records: 8,
      moved: 8,
      unchanged: 0,
      limited: false,
      not_judged: [],
      cost: { records: 8, before_usd: usd(sum(3000, 15_000)), after_usd: usd(sum(100, 700)) },
      // Nobody has asked it yet.
      latency: { records: 0, after_ms: null },
      success: { records: 0, after: null },
      moves: [{ from: 'dear/text', to: 'cheap/text', records: 8 }],
    })

    for (let index = 0; index < 4; index += 1) await ask('cheap/text', 'how long does it take')
    const second = await replay(tried)
    const took = (await gateway.records()).filter(({ deployment }) => deployment === 'cheap/text')
    const mean = took.reduce((total, { attempts: [attempt] }) => total + (attempt?.durationMs ?? 0), 0) / took.length
    expect(second).toMatchObject({
      // Of streams it is still not known.
      latency: { records: 7, after_ms: Number(mean.toFixed(1)) },
      success: { records: 7, before: 1, after: 1 },
    })
  })

  it('follows requests through targets that fail as often as they did', async () => {
    for (let index = 0; index < 3; index += 1) await ask('shaky', 'x')
    const same = await replay({ router: 'shaky' })
    expect(same).toMatchObject({ records: 3, unchanged: 3, moved: 0, success: { before: 1, after: 1 } })
    const { cost } = same
    expect(cost.difference_usd).toBe('0')
    const alone = { strategy: 'fallback', targets: ['dear/fault?status=503'] }
    expect(await replay({ router: alone, model: 'main' })).toMatchObject({
      moved: 8,
      success: { records: 7, before: 1, after: 0 },
    })
    const backed = { strategy: 'fallback', targets: ['dear/fault?status=503', 'cheap/text'] }
    expect(await replay({ router: backed, model: 'main' })).toMatchObject({
      success: { records: 7, before: 1, after: 1 },
    })
  })

  it('knows at each request what was known then', async () => {
    // Cost is known of all; the first request of all was made when no latency was.
    const quickest = await replay({
      router: { strategy: 'cost', targets: ['dear/text', 'cheap/text'] },
      model: '*/text',
    })
    expect(quickest).toMatchObject({ records: 4, unchanged: 4 })
    const twice = { router: { strategy: 'random', targets: ['dear/text', 'cheap/text'] }, model: 'main', seed: 7 }
    const one = await replay(twice)
    expect(await replay(twice)).toEqual(one)
    expect(one.moved + one.unchanged).toBe(8)
  })

  it('says what it cannot judge, and why', async () => {
    expect(await replay({ router: 'told', model: 'main' })).toMatchObject({
      records: 8,
      moved: 0,
      unchanged: 0,
      not_judged: [{ why: 'the router goes by its metadata', records: 8 }],
    })
    expect(
      await replay({ router: { strategy: 'race', targets: ['dear/text', 'cheap/text'] }, model: 'main' }),
    ).toMatchObject({ not_judged: [{ why: 'it asks several targets at once', records: 8 }] })
    await expect(ask('nothing/there', 'x')).rejects.toThrow()
    expect(await replay({ router: 'main', model: 'nothing/*' })).toMatchObject({
      records: 1,
      not_judged: [{ why: 'no target was asked', records: 1 }],
    })
  })

  it('looks at the latest, of one key and of one time, as it is asked to', async () => {
    await ask('main', 'by another', plainKey)
    expect(await replay({ router: 'other', model: 'main', key: 'plain' })).toMatchObject({ records: 1 })
    expect(await replay({ router: 'other', model: 'main', limit: 5 })).toMatchObject({ records: 5, limited: true })
    expect(await replay({ router: 'other', model: 'main', until: '2026-01-01' })).toMatchObject({
      error: { code: 'invalid_request', message: expect.stringMatching(/before `until`/) as string },
    })
    expect(await replay({ router: 'other', model: 'main', since: '2020-01-01', until: '2020-02-01' })).toMatchObject({
      records: 0,
    })
  })

  it.each<[object, RegExp]>([
    [{}, /`router` must be/],
    [{ router: 'mian' }, /no model, alias or router named "mian"/],
    [{ router: { strategy: 'fallback', targets: ['main'] } }, /`model` must say/],
    [{ router: { strategy: 'falback', targets: ['main'] }, model: '*' }, /no strategy is called/],
    [{ router: 'main', limit: 0 }, /`limit` must be/],
    [{ router: 'main', since: 'yesterday' }, /`since` must be/],
    [{ router: 'main', key: 'nobody' }, /No key/],
  ])('refuses %j', async (asked, message) => {
    expect((await replay(asked)).error?.message).toMatch(message)
  })

  it('is for keys that may manage the gateway', async () => {
    expect((await replay({ router: 'main' }, plainKey)).error?.code).toBe('admin_required')
  })

  it('is the same on the command line, from the records here or from a running gateway', async () => {
    await gateway.app.settled()
    place.write('gateway.yaml', `data: { dir: ${JSON.stringify(join(gateway.dir, 'data'))} }\n${yaml}`)
    place.write('cheaper.yaml', 'strategy: fallback\ntargets: [cheap/text]\n')
    const argv = [
      'route',
      'replay',
      '-f',
      'cheaper.yaml',
      '--model',
      'main',
      '-c',
      'gateway.yaml',
      '--since',
      '2020-01-01',
      '--until',
      '2100-01-01',
    ]
    const offline = await place.run([...argv, '--json'])
    expect(offline.code).toBe(0)
    const running = await place.run([...argv, '--json', '--url', gateway.url], { SLUICEGATE_API_KEY: clientKey })
    expect(JSON.parse(running.stdout)).toEqual(JSON.parse(offline.stdout))
    const { stdout } = await place.run(argv)
    expect(stdout).toMatch(/^9 requests from .*: 9 would have moved, 0 not\.\n/)
    expect(stdout).toMatch(/dear\/text → cheap\/text +9 +\$0\.\d+ → \$0\.\d+/)
    expect(await place.run(['route', 'replay', '-c', 'gateway.yaml'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/which router/) as string,
    })
    expect(await place.run(['route', 'replay', 'mian', '-c', 'gateway.yaml'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/named "mian"/) as string,
    })
  })
})
