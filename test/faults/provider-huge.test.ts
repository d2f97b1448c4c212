/** Answers without end: refused as soon as they are too large, and never held. */
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { thorough } from '../../src/kernel/testing/depth.ts'
import { drained } from '../harness/drained.ts'
import { heldMemory } from '../harness/held-memory.ts'
import { anthropic, eventsOf, openai, ways } from '../harness/protocols.ts'
import type { Protocol } from '../harness/protocols.ts'
import { json } from '../harness/upstream.ts'
import type { Answer } from '../harness/upstream.ts'
import { ask, openStage } from './stage.ts'
import type { Stage } from './stage.ts'

let stage: Stage
const megabyte = 1 << 20

beforeAll(async () => {
  stage = await openStage({ yaml: 'limits: { response_bytes: 4MiB }' })
})

afterAll(() => stage[Symbol.asyncDispose]())

/** More than anybody may hold. */
const total = (thorough ? 200 : 100) * megabyte
/** What the buffers of client, gateway and provider take together, which are all in this process. */
const mostUnderWay = Math.max(80 * megabyte, total / 2)

/** Writes as fast as it is taken, up to `total`; gives the number of bytes that it got rid of. */
async function pour(response: ServerResponse, piece: Buffer): Promise<number> {
  let sent = 0
  while (sent < total && !response.destroyed) {
    sent += piece.length
    if (!response.write(piece)) await drained(response)
  }
  response.end()
  return sent
}

const mostAllowed = 40 * megabyte

/** The most that was held beyond what was before, while the promise was kept; less than is allowed is not measured any closer. */
async function mostHeld<T>(promise: Promise<T>): Promise<number> {
  const state = { over: false }
  const watched = promise.finally(() => {
    state.over = true
  })
  const before = heldMemory()
  let most = before
  while (!state.over) {
    most = Math.max(most, heldMemory(before + mostAllowed))
    await new Promise((resolve) => {
      setTimeout(resolve, 25)
    })
  }
  await watched
  return most - before
}

it.each(ways)(
  'an answer of 100 MiB and more is refused and its connection closed; memory does not follow it: %s',
  async (_name, { client, at }) => {
    const piece = Buffer.alloc(megabyte, 'x')
    let poured: Promise<number> | undefined
    const model = stage.script((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"id":"')
      poured = pour(response, piece)
    })
    const asked = ask(stage, client, client.request(`${at}/${model}`))
    const most = await mostHeld(asked)
    const response = await asked
    expect(response.status).toBe(502)
    expect(response.headers.get('x-sluicegate-fault')).toBe('provider_too_large')
    expect(client.errorIn(await response.json())?.message).toContain('limits.response_bytes')
    // What was on its way in both sockets, beside the 4 MiB that may be held.
    expect(await poured).toBeLessThanOrEqual(mostAllowed)
    expect(most).toBeLessThanOrEqual(mostAllowed)
  },
)

it('an archive that unpacks to 100 MiB is refused on the way', async () => {
  const bomb = gzipSync(Buffer.alloc(100 * megabyte, '{'), { level: 1 })
  const model = stage.script(
    (response) =>
      void response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb),
  )
  const asked = ask(stage, openai, openai.request(`openai/${model}`))
  const most = await mostHeld(asked)
  const response = await asked
  expect(response.headers.get('x-sluicegate-fault')).toBe('provider_too_large')
  await response.text()
  expect(most).toBeLessThanOrEqual(mostAllowed)
})

it('an error answer of 100 MiB and more is read as far as it can be of use', async () => {
  let poured: Promise<number> | undefined
  const model = stage.script((response) => {
    response.writeHead(500, { 'content-type': 'text/plain' })
    poured = pour(response, Buffer.alloc(megabyte, 'wrong '))
  })
  const response = await ask(stage, openai, openai.request(`openai/${model}`))
  expect(response.status).toBe(502)
  expect((await response.text()).length).toBeLessThan(10_000)
  expect(await poured).toBeLessThanOrEqual(mostAllowed)
})

it('another target may have a smaller answer', async () => {
  const router = stage.router(
    [
      'openai',
      (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('x'.repeat(5 * megabyte)),
    ],
    ['openai', json(openai.answer('short'))],
  )
  const response = await ask(stage, openai, openai.request(router.name))
  expect(openai.textOf(await response.text())).toBe('short')
})

it.each([
  ['a first event', 'data: {"id":"', 'x'],
  ['a series of comments before the first event', '', ': ping\n\n'],
])('%s without end is given up, and does not fill the memory', async (_case, start, text) => {
  const piece = Buffer.alloc(megabyte, text)
  for (const [client, at] of [
    [openai, 'openai'],
    [openai, 'anthropic'],
    [anthropic, 'anthropic'],
  ] as const) {
    let poured: Promise<number> | undefined
    const model = stage.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(start)
      poured = pour(response, piece)
    })
    const response = await ask(stage, client, client.request(`${at}/${model}`, { stream: true }))
    expect(response.status).toBe(502)
    await response.text()
    const fault = response.headers.get('x-sluicegate-fault')
    // Comments are not held where the stream is translated: there they end as an empty stream.
    if (client.name === at || start !== '') {
      expect(fault).toBe('provider_malformed')
      expect(await poured).toBeLessThanOrEqual(mostAllowed)
    } else expect(fault).toBe('provider_cut')
  }
})

describe('an event without end after the beginning of a stream', () => {
  const endless =
    (provider: Protocol): Answer =>
    async (response) => {
      const events = provider.events(['begun', ''])
      const at = events.findIndex((event) => event.includes('begun')) + 1
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(events.slice(0, at).join(''))
      response.write('data: {"id":"')
      await pour(response, Buffer.alloc(megabyte, 'x'))
    }

  it.each(ways)('ends in one error, and is not held: %s', async (_name, { client, provider, at }) => {
    const model = stage.script(endless(provider))
    const before = heldMemory()
    const response = await ask(stage, client, client.request(`${at}/${model}`, { stream: true }))
    let read = 0
    let tail = ''
    for await (const chunk of response.body ?? []) {
      if (Math.floor(read / 32 / megabyte) !== Math.floor((read += chunk.length) / 32 / megabyte))
        expect(heldMemory(before + 60 * megabyte) - before).toBeLessThan(mostUnderWay)
      tail = (tail + Buffer.from(chunk).toString('latin1')).slice(-2000)
    }
    const [last] = eventsOf(tail.slice(tail.lastIndexOf('\n\n', tail.length - 3))).slice(-1)
    expect(client.errorIn(JSON.parse(last?.data ?? ''))?.message).toMatch(/./)
    // Passed through it is the client's to refuse; to be translated it would have to be held whole.
    if (client === provider) expect(read).toBeGreaterThan(total)
    else expect(read).toBeLessThan(megabyte)
    expect(await stage.recordOf(response.headers.get('x-request-id'))).toMatchObject({ outcome: 'cut' })
  })
})
