/**
 * Streams that go wrong on the way. Before the commit point the client never learns of it; after it there is one error in its own
 * protocol, then the end, and the official SDKs raise it.
 */
import type { ServerResponse } from 'node:http'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientKey } from '../harness/gateway.ts'
import { anthropic, eventsOf, openai, ways } from '../harness/protocols.ts'
import type { Protocol } from '../harness/protocols.ts'
import { cutInto, json, stream } from '../harness/upstream.ts'
import type { Answer } from '../harness/upstream.ts'
import { ask, openStage } from './stage.ts'
import type { Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  // The hasty ones are for streams that stall; the others are never in a hurry, however busy the machine is.
  stage = await openStage({
    providers: [
      'hasty-openai: { use: openai, base_url: "UPSTREAM/v1", credentials: k, timeouts: { stall: 60ms } }',
      'hasty-anthropic: { use: anthropic, base_url: "UPSTREAM", credentials: k, timeouts: { stall: 60ms } }',
      'lenient-openai: { use: openai, base_url: "UPSTREAM/v1", credentials: k, timeouts: { stall: 600ms } }',
      'lenient-anthropic: { use: anthropic, base_url: "UPSTREAM", credentials: k, timeouts: { stall: 600ms } }',
    ],
  })
})

afterAll(() => stage[Symbol.asyncDispose]())

const streaming = (client: Protocol, model: string): string => client.request(model, { stream: true })

/** Writes the pieces, each when the client has it, and then does what the test wants with the connection. */
function streamThen(pieces: readonly (string | Uint8Array)[], then: Ending): Answer {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    // What is to stall goes out at once: between two pieces a busy machine may take longer than a stall lasts.
    const sent = then === stall ? [Buffer.concat(pieces.map((piece) => Buffer.from(piece)))] : pieces
    for (const piece of sent) {
      response.write(piece)
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
    }
    then(response)
  }
}

type Ending = (response: ServerResponse) => void
const reset: Ending = (response) => void response.socket?.resetAndDestroy()
const endSocket: Ending = (response) => void response.socket?.end()
const breakChunks: Ending = (response) => void response.socket?.write('zz\r\nnot a chunk')
const end: Ending = (response) => void response.end()
const stall: Ending = () => {}
/** The same, for pieces that have to come one after the other. */
const stay: Ending = () => {}

/** What the client got of a stream that was to break: text, then exactly one error, which is the last event. */
function brokenStream(client: Protocol, body: string): { text: string; code: unknown; message: string } {
  const events = eventsOf(body)
  const errors = events.flatMap(({ data }, index) => {
    const told = data.startsWith('{') ? client.errorIn(JSON.parse(data)) : undefined
    return told === undefined ? [] : [{ ...told, index }]
  })
  expect(errors).toHaveLength(1)
  const [error] = errors
  expect(error?.index).toBe(events.length - 1)
  expect(events.at(-1)?.event).toBe(client === anthropic ? 'error' : undefined)
  // Every event is whole JSON: whoever reads it gets to the error.
  for (const { data } of events) expect(() => JSON.parse(data) as unknown).not.toThrow()
  expect(body.endsWith('\n\n')).toBe(true)
  return { text: client.textOf(body), code: error?.code, message: error?.message ?? '' }
}

describe.each(ways)(
  '%s: a stream that breaks after the client has begun to read',
  (_name, { client, provider, at }) => {
    const whole = provider.events(['Half ', 'of ', 'it ', 'never ', 'comes.'])
    // Three pieces of text, and perhaps the beginning of the fourth.
    const begin = whole.slice(0, provider === openai ? 4 : 5)
    const half = (whole[provider === openai ? 4 : 5] ?? '').slice(0, 40)

    it('tells no credential that the provider quotes in an error, at the beginning or later, nor does its record', async () => {
      const secret = `sk-upstream-${at}`
      const error = { type: 'api_error', message: `Odd key ${secret}, sorry` }
      const event =
        provider === openai
          ? `data: ${JSON.stringify({ error })}\n\n`
          : `event: error\ndata: ${JSON.stringify({ type: 'error', error })}\n\n`
      const middle = event.indexOf(secret) + 6
      const parts = [event.slice(0, middle), event.slice(middle)]
      for (const pieces of [[event], [...begin, event], [...begin, ...parts]]) {
        const model = stage.script(async (response, request) => {
          response.setHeader('x-request-id', `for-${secret}`)
          await streamThen(pieces, end)(response, request)
        })
        const response = await ask(stage, client, streaming(client, `${at}/${model}`))
        const text = await response.text()
        expect(text).toContain('Odd key [credential], sorry')
        expect(text).not.toContain(secret)
        const record = await stage.recordOf(response.headers.get('x-request-id'))
        expect(JSON.stringify(record)).not.toContain(secret)
        expect(record.attempts[0]).toMatchObject({ upstreamRequestId: 'for-[credential]' })
      }
    })

    it.each<[string, Ending, string]>([
      ['is reset', reset, 'provider_cut'],
      ['ends without the last chunk', endSocket, 'provider_cut'],
      ['breaks its chunks', breakChunks, 'provider_cut'],
      ['ends too early', end, 'provider_cut'],
      ['stalls', stall, 'provider_stalled'],
    ])('%s: one error, then the end', async (_case, then, code) => {
      for (const pieces of [begin, [...begin, half]]) {
        const first = then === stall ? `hasty-${at}` : at
        const router = stage.router([first, streamThen(pieces, then)], [at, json(provider.answer('never asked'))])
        const response = await ask(stage, client, streaming(client, router.name))
        expect(response.status).toBe(200)
        const broken = brokenStream(client, await response.text())
        expect(broken.text).toBe('Half of it ')
        expect(broken.message).not.toBe('')
        expect(stage.calls(router.targets[1] ?? '')).toHaveLength(0)
        const record = await stage.recordOf(response.headers.get('x-request-id'))
        expect(['provider_cut', 'provider_malformed']).toContain(
          code === 'provider_cut' ? record.fault : 'provider_cut',
        )
        if (code === 'provider_stalled') expect(record.fault).toBe(code)
        expect(record).toMatchObject({ outcome: 'cut', status: 200, attempts: [{ status: 200 }] })
        expect(record.usage).toMatchObject({ estimated: true })
        expect(record.usage?.output.total).toBeGreaterThan(0)
      }
    })

    it('tells a provider’s own error once, and the broken connection behind it not at all', async () => {
      for (const then of [reset, endSocket, stay, end]) {
        const pieces = [...begin, provider.errorEvent('overloaded_error', 'The engine is full.')]
        const model = stage.script(streamThen(pieces, then))
        const response = await ask(stage, client, streaming(client, `${then === stay ? `lenient-${at}` : at}/${model}`))
        const broken = brokenStream(client, await response.text())
        expect(broken).toMatchObject({ text: 'Half of it ', message: 'The engine is full.' })
        expect(await stage.recordOf(response.headers.get('x-request-id'))).toMatchObject({
          outcome: 'cut',
          fault: 'provider_overloaded',
        })
      }
    })

    it('makes the official SDK raise, and not hang', async () => {
      const model = stage.script(streamThen([...begin, half], reset))
      const texts: string[] = []
      const read = async (): Promise<void> => {
        if (client === openai) {
          const sdk = new OpenAI({ baseURL: `${stage.url}/v1`, apiKey: clientKey, maxRetries: 0 })
          const events = await sdk.chat.completions.create({
            model: `${at}/${model}`,
            messages: [{ role: 'user', content: 'x' }],
            stream: true,
          })
          for await (const event of events) texts.push(event.choices[0]?.delta.content ?? '')
        } else {
          const sdk = new Anthropic({ baseURL: stage.url, apiKey: clientKey, maxRetries: 0 })
          const events = await sdk.messages.create({
            model: `${at}/${model}`,
            max_tokens: 9,
            messages: [{ role: 'user', content: 'x' }],
            stream: true,
          })
          for await (const event of events)
            if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') texts.push(event.delta.text)
        }
      }
      await expect(read()).rejects.toBeInstanceOf(client === openai ? OpenAI.APIError : Anthropic.APIError)
      expect(texts.join('')).toBe('Half of it ')
    })

    it('says nothing of the credential when the provider does so in the middle', async () => {
      const leak = provider.errorEvent('authentication_error', 'Incorrect API key provided: sk-upst*****')
      const model = stage.script(stream([...begin, leak]))
      const response = await ask(stage, client, streaming(client, `${at}/${model}`))
      const broken = brokenStream(client, await response.text())
      // What was passed through had gone before anybody looked; what is translated is ours to say.
      expect(broken.message.includes('sk-upst')).toBe(client === provider)
    })
  },
)

describe.each(ways)('%s: a stream that breaks before the client has anything', (_name, { client, provider, at }) => {
  const beforeText = provider === openai ? [] : provider.events([]).slice(0, 1)
  const silent = [
    ': waking up\n\n',
    ...(client === provider ? [] : beforeText),
    ...(provider === openai ? ['data:\n\n'] : []),
  ]

  it.each<[string, Answer]>([
    ['is reset', streamThen(silent, reset)],
    ['ends', streamThen(silent, end)],
    ['stalls', streamThen(silent, stall)],
    ['tells an error', stream([...silent, provider.errorEvent('overloaded_error', 'full')])],
  ])('%s: the next target answers, and the client never knows', async (how, answer) => {
    const router = stage.router(
      [how === 'stalls' ? `hasty-${at}` : at, answer],
      [at, stream(provider.events(['all', ' well']))],
    )
    const response = await ask(stage, client, streaming(client, router.name))
    const text = await response.text()
    expect(client.textOf(text)).toBe('all well')
    expect(text).not.toContain('waking')
    for (const { data } of eventsOf(text))
      if (data.startsWith('{')) expect(client.errorIn(JSON.parse(data))).toBeUndefined()
    expect(response.headers.get('x-sluicegate-attempts')).toBe('2')
    const record = await stage.recordOf(response.headers.get('x-request-id'))
    expect(record).toMatchObject({
      outcome: 'ok',
      attempts: [{ fault: expect.any(String) as unknown }, { status: 200 }],
    })
    expect(record.usage).toMatchObject({ input: { total: 9 }, output: { total: 5 } })
  })

  it('tells an error together with its first events: the next target answers', async () => {
    const together = [provider.events([])[0], provider.errorEvent('overloaded_error', 'full')].join('')
    const router = stage.router([at, stream([together])], [at, stream(provider.events(['fine']))])
    const response = await ask(stage, client, streaming(client, router.name))
    expect(client.textOf(await response.text())).toBe('fine')
  })

  it('refuses the request in its first event: that is the answer, and nobody else is asked', async () => {
    const router = stage.router(
      [at, stream([provider.errorEvent('invalid_request_error', 'too long')])],
      [at, stream(provider.events(['x']))],
    )
    const response = await ask(stage, client, streaming(client, router.name))
    expect(response.status).toBe(400)
    expect(client.errorIn(await response.json())?.message).toContain('too long')
    expect(stage.calls(router.targets[1] ?? '')).toHaveLength(0)
  })
})

describe.each(ways)('%s: a stream that is odd but whole', (_name, { client, provider, at }) => {
  const events = provider.events(['Grüße', ' aus', ' 東京 🗼'])
  const text = 'Grüße aus 東京 🗼'
  const withoutEnd = events.slice(0, -1)
  const finish = provider === openai ? -3 : -2

  const neverEnds = 'on a connection that never ends behind the end'
  const odd: [string, Answer][] = [
    ['in single bytes', stream(cutInto(events.join(''), 1))],
    ['in pieces of seven bytes', stream(cutInto(events.join(''), 7))],
    ['in one piece', stream([events.join('')])],
    ['with line ends of CR LF', stream([events.join('').replaceAll('\n', '\r\n')])],
    ['with comments in between', stream(events.flatMap((event) => [': ping\n\n', event]))],
    [
      'with events that are empty',
      stream(['\n\n', 'data\n\n', 'data:\n\n', ...events.flatMap((event) => [event, 'data:\n\n'])]),
    ],
    ['without its end mark', stream(withoutEnd)],
    ['without its last blank line', stream([...withoutEnd, (events.at(-1) ?? '').trimEnd()])],
    ['with two ends', stream([...events, ...events.slice(finish)])],
    ['with more text behind the end', stream([...events, events[3] ?? ''])],
    ['on a connection that is reset behind the end', streamThen(events, reset)],
    [neverEnds, streamThen(events, stall)],
  ]

  it.each(odd)('comes %s', async (how, answer) => {
    const model = stage.script(answer)
    const response = await ask(stage, client, streaming(client, `${how === neverEnds ? `hasty-${at}` : at}/${model}`))
    const body = await response.text()
    const read = client.textOf(body)
    // Behind the end a client reads no more; what is passed through there is the provider's.
    expect(client === provider ? read.startsWith(text) : read === text).toBe(true)
    for (const { data } of eventsOf(body))
      if (data.startsWith('{')) expect(client.errorIn(JSON.parse(data))).toBeUndefined()
    if (client !== provider)
      expect(eventsOf(body).at(-1)?.data).toBe(client === openai ? '[DONE]' : '{"type":"message_stop"}')
    const record = await stage.recordOf(response.headers.get('x-request-id'))
    expect(record).toMatchObject({ outcome: 'ok', finish: 'stop', usage: { output: { total: 5 } } })
    expect(record.fault).toBeUndefined()
  })

  it('comes with a first event of a megabyte', async () => {
    const large = 'x'.repeat(1_000_000)
    const model = stage.script(stream(cutInto(provider.events([large, 'y']).join(''), 30_000)))
    const response = await ask(stage, client, streaming(client, `${at}/${model}`))
    expect(client.textOf(await response.text())).toBe(`${large}y`)
  })

  it('is cut in the middle of its last event, which tells usage: what is whole is whole', async () => {
    const cut = [...events.slice(0, -2), (events.at(-2) ?? '').slice(0, 60)]
    const model = stage.script(stream(cut))
    const response = await ask(stage, client, streaming(client, `${at}/${model}`))
    const body = await response.text()
    expect(client.textOf(body)).toBe(text)
    for (const { data } of eventsOf(body))
      if (data !== '[DONE]') expect(() => JSON.parse(data) as unknown).not.toThrow()
  })
})
