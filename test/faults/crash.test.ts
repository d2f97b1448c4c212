/**
 * The gateway as a process of its own, killed and stopped in the middle of traffic: whoever had the whole of an answer is on record
 * once, whatever became of the process.
 */
import { join } from 'node:path'
import { Agent, fetch } from 'undici'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { thorough } from '../../src/kernel/testing/depth.ts'
import type { ExchangeRecord } from '../../src/model/record.ts'
import { openSqlite } from '../../src/stores/drivers/sqlite/open-sqlite.ts'
import { newPlace } from '../cli/command-line.ts'
import type { Place, Running } from '../cli/command-line.ts'
import { freePort } from '../harness/free-port.ts'
import { clientKey } from '../harness/gateway.ts'
import { anthropic, openai } from '../harness/protocols.ts'
import { json, startUpstream, stream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'
import { authorized } from './stage.ts'

let place: Place
let upstream: Upstream
let url: string
let agent: Agent
const children: Running[] = []

beforeEach(async () => {
  place = newPlace()
  upstream = await startUpstream()
  agent = new Agent({ connections: 64 })
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  place.write(
    'sluicegate.yaml',
    `server: { port: ${port} }
data: { dir: ./data }
providers:
  openai: { base_url: "${upstream.url}/v1", credentials: k, prices: { input: 1, output: 2 } }
  anthropic: { base_url: "${upstream.url}", credentials: k, prices: { input: 1, output: 2 } }
keys: [{ name: test, secret: ${clientKey}, budget: { usd: 100, per: total } }]
logging: { format: json }
`,
  )
})

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.process.kill('SIGKILL')
    await child.ended()
  }
  await agent.destroy()
  await upstream.close()
  place[Symbol.dispose]()
})

/** Resolves when it listens. */
async function serve(): Promise<Running> {
  const gateway = place.start(['serve'])
  children.push(gateway)
  await gateway.seen(/listening on/)
  return gateway
}

function records(): ExchangeRecord[] {
  using stores = openSqlite(join(place.dir, 'data', 'sluicegate.db'))
  return stores.usage.list({ limit: 100_000 })
}

/** How often each id is on record. */
function countById(list: readonly ExchangeRecord[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { requestId } of list) counts.set(requestId, (counts.get(requestId) ?? 0) + 1)
  return counts
}

/** Answers in each life. */
const enough = thorough ? 250 : 100

const kinds = [
  [openai, 'openai/complete', false],
  [anthropic, 'anthropic/streamed', true],
  [openai, 'anthropic/streamed', true],
  [anthropic, 'openai/complete', false],
] as const

/** Keeps asking from many sides until the gateway is gone; gives the ids of answers that came to their end. */
async function load(life: string, workers: number, onCompleted: (count: number) => void): Promise<string[]> {
  const completed: string[] = []
  let next = 0
  async function work(): Promise<void> {
    for (;;) {
      const index = next++
      const id = `${life}-${index}`
      const kind = kinds[index % kinds.length]
      if (kind === undefined) return
      const [protocol, model, streamed] = kind
      try {
        const response = await fetch(`${url}${protocol.path}`, {
          method: 'POST',
          dispatcher: agent,
          headers: { ...authorized, 'x-request-id': id },
          body: protocol.request(model, { stream: streamed }),
        })
        const text = await response.text()
        if (response.status !== 200 || protocol.textOf(text) !== 'whole answer') return
        // A stream may be cut where its text is whole.
        if (streamed && !/\[DONE\]|message_stop/.test(text)) return
      } catch {
        return
      }
      completed.push(id)
      onCompleted(completed.length)
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  return completed
}

function answerAll(): void {
  upstream.answer((response, request) => {
    const protocol = request.path.includes('messages') ? anthropic : openai
    const { stream: streamed } = JSON.parse(request.body.toString()) as { stream?: boolean }
    return (streamed === true ? stream(protocol.events(['whole ', 'answer'])) : json(protocol.answer('whole answer')))(
      response,
      request,
    )
  })
}

it('killed under load, twice: every answer that was complete is on record exactly once', async () => {
  answerAll()
  const completed: string[] = []
  for (const life of ['first', 'second']) {
    const child = await serve()
    const ids = await load(life, 16, (count) => {
      if (count === enough) child.process.kill('SIGKILL')
    })
    await child.ended()
    expect(ids.length).toBeGreaterThanOrEqual(enough)
    completed.push(...ids)
  }
  // A third life takes in what the second one left.
  const third = await serve()
  third.process.kill('SIGTERM')
  expect((await third.ended()).code).toBe(0)
  const list = records()
  const counts = countById(list)
  expect(completed.filter((id) => counts.get(id) !== 1)).toEqual([])
  expect([...counts.values()].every((count) => count === 1)).toBe(true)
  const done = new Set(completed)
  for (const { requestId, outcome, cost, usage } of list) {
    if (!done.has(requestId)) continue
    expect([requestId, outcome, cost, usage?.output.total]).toEqual([requestId, 'ok', 19_000, 5])
  }
})

it('stopped under load: running streams end, new requests are refused, everything is on record', async () => {
  const gates: (() => void)[] = []
  upstream.answer(async (response) => {
    const events = anthropic.events(['first ', 'second'])
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(events.slice(0, 3).join(''))
    await new Promise<void>((resolve) => {
      gates.push(resolve)
    })
    response.end(events.slice(3).join(''))
  })
  const child = await serve()
  const responses = await Promise.all(
    Array.from({ length: 24 }, (_, index) =>
      fetch(`${url}${index % 2 === 0 ? openai.path : anthropic.path}`, {
        method: 'POST',
        dispatcher: agent,
        headers: { ...authorized, 'x-request-id': `term-${index}` },
        body: (index % 2 === 0 ? openai : anthropic).request('anthropic/m', { stream: true }),
      }),
    ),
  )
  const texts = responses.map((response) => response.text())
  // An idle connection is kept for a while, so that a request on its way is not lost.
  await (await fetch(`${url}/ready`, { dispatcher: agent })).text()
  child.process.kill('SIGTERM')
  for (let ready = true; ready;) {
    const response = await fetch(`${url}/ready`, { dispatcher: agent })
    await response.text()
    ready = response.status === 200
  }
  const late = await fetch(`${url}${openai.path}`, {
    method: 'POST',
    dispatcher: agent,
    headers: authorized,
    body: openai.request('anthropic/m'),
  })
  expect(late.status).toBe(503)
  await late.text()
  for (const open of gates) open()
  for (const [index, text] of (await Promise.all(texts)).entries())
    expect((index % 2 === 0 ? openai : anthropic).textOf(text)).toBe('first second')
  expect((await child.ended()).code).toBe(0)
  const list = records()
  expect(list.map(({ requestId }) => requestId).sort()).toEqual(
    Array.from({ length: 24 }, (_, index) => `term-${index}`).sort(),
  )
  expect(list.every(({ outcome }) => outcome === 'ok')).toBe(true)
})
