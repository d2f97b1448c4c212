/** Errors of every class: whichever protocol the provider speaks, each SDK raises its own class for it, with the provider's words. */
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { json, stream } from '../harness/upstream.ts'
import { refusalBody, refusals } from './cases/refusals.ts'
import { protocols, providerNames, secrets, setUp, ways } from './way.ts'
import type { Protocol, Setup, Way } from './way.ts'
import { events } from './wire/anthropic-wire.ts'
import { chunks } from './wire/openai-wire.ts'

let setup: Setup
beforeAll(async () => {
  setup = await setUp()
})
afterAll(() => setup[Symbol.asyncDispose]())

/** The class that each SDK has for a status. */
const classes = {
  openai: (status: number) =>
    ({
      400: OpenAI.BadRequestError,
      401: OpenAI.AuthenticationError,
      403: OpenAI.PermissionDeniedError,
      404: OpenAI.NotFoundError,
      422: OpenAI.UnprocessableEntityError,
      429: OpenAI.RateLimitError,
    })[status] ?? (status >= 500 ? OpenAI.InternalServerError : OpenAI.APIError),
  anthropic: (status: number) =>
    ({
      400: Anthropic.BadRequestError,
      401: Anthropic.AuthenticationError,
      403: Anthropic.PermissionDeniedError,
      404: Anthropic.NotFoundError,
      422: Anthropic.UnprocessableEntityError,
      429: Anthropic.RateLimitError,
    })[status] ?? (status >= 500 ? Anthropic.InternalServerError : Anthropic.APIError),
}

type SdkError = InstanceType<typeof OpenAI.APIError> | InstanceType<typeof Anthropic.APIError>

async function raised({ client, upstream }: Way, streamed: boolean): Promise<SdkError> {
  const messages = [{ role: 'user', content: 'Hi.' } as const]
  const model = `${providerNames[upstream]}/m-1`
  const call =
    client === 'openai'
      ? streamed
        ? setup.openai.chat.completions.create({ model, messages, stream: true }).then((all) => Array.fromAsync(all))
        : setup.openai.chat.completions.create({ model, messages })
      : streamed
        ? setup.anthropic.messages.stream({ model, messages, max_tokens: 10 }).finalMessage()
        : setup.anthropic.messages.create({ model, messages, max_tokens: 10 })
  try {
    await call
  } catch (error) {
    if (error instanceof OpenAI.APIError || error instanceof Anthropic.APIError) return error
    throw error
  }
  throw new Error('no error was raised')
}

describe.each(refusals)('a provider that answers $status', (refusal) => {
  it.each(ways)('raises the right error in the $client SDK when it speaks the protocol of $upstream', async (way) => {
    const upstream = setup.upstreams[way.upstream]
    upstream.answer(json(refusalBody(refusal, way.upstream), refusal.status, { 'x-request-id': 'req_upstream_1' }))
    const before = upstream.received.length
    for (const streamed of [false, true]) {
      const error = await raised(way, streamed)
      const status = way.client === way.upstream ? refusal.same : refusal.other
      expect(error).toBeInstanceOf(classes[way.client](status))
      expect(error.status).toBe(status)
      expect(error.headers?.get('x-sluicegate-fault')).toBe(refusal.fault)
      expect(error.headers?.get('x-sluicegate-provider')).toBe(providerNames[way.upstream])
      const said = JSON.stringify(error.error)
      if (refusal.told) expect(error.message).toContain(refusal.message)
      else {
        expect(said).not.toContain(refusal.message)
        expect(error.message).toContain(providerNames[way.upstream])
      }
      expect(said).not.toContain(secrets[way.upstream])
      checkShape(error, way.client)
    }
    expect(upstream.received.length - before).toBe(refusal.calls * 2)
  })
})

/** The members that clients of each protocol read. */
function checkShape(error: SdkError, client: Protocol): void {
  if (client === 'openai') {
    expect(error.error).toEqual({
      message: expect.any(String),
      type: expect.any(String),
      param: expect.toBeOneOf([null, expect.any(String)]),
      code: expect.toBeOneOf([null, expect.any(String)]),
    })
  } else {
    expect(error.error).toMatchObject({
      type: 'error',
      error: { type: expect.stringMatching(/^[a-z_]+_error$|^request_too_large$/), message: expect.any(String) },
      request_id: expect.any(String),
    })
  }
}

describe('a limit with a time to wait', () => {
  it.each(ways)('tells the $client SDK when the provider of $upstream says when to come back', async (way) => {
    const limited = refusals.find(({ status }) => status === 429)
    if (limited === undefined) throw new Error('the table has no 429')
    setup.upstreams[way.upstream].answer(json(refusalBody(limited, way.upstream), 429, { 'retry-after': '17' }))
    const error = await raised(way, false)
    expect(error.headers?.get('retry-after')).toBe('17')
    // Longer than the gateway would wait itself.
    expect(error.headers?.get('x-sluicegate-attempts')).toBe('1')
  })
})

describe('an error in the middle of a stream', () => {
  const said = {
    openai: () => [
      ...chunks({ text: 'Hello there, this goes on' })
        .slice(0, 4)
        .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`),
      `data: ${JSON.stringify({ error: { message: 'The engine burnt out.', type: 'server_error', code: null } })}\n\n`,
    ],
    anthropic: () => [
      ...events({ content: [{ type: 'text', text: 'Hello there, this goes on' }] })
        .slice(0, 5)
        .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
      `event: error\ndata: ${JSON.stringify({ type: 'error', error: { type: 'api_error', message: 'The engine burnt out.' } })}\n\n`,
    ],
  }

  it.each(ways)('reaches the $client SDK after what a provider of $upstream had said by then', async (way) => {
    setup.upstreams[way.upstream].answer(stream(said[way.upstream]()))
    const messages = [{ role: 'user', content: 'Hi.' } as const]
    const model = `${providerNames[way.upstream]}/m-1`
    let text = ''
    const reading = async (): Promise<void> => {
      if (way.client === 'openai') {
        const all = await setup.openai.chat.completions.create({ model, messages, stream: true })
        for await (const { choices } of all) text += choices[0]?.delta.content ?? ''
      } else {
        const all = setup.anthropic.messages.stream({ model, messages, max_tokens: 10 })
        all.on('text', (piece) => void (text += piece))
        await all.finalMessage()
      }
    }
    await expect(reading()).rejects.toThrow('The engine burnt out.')
    expect(text).toMatch(/^Hello/)
    // The SDK raises the error before the stream has ended for the gateway.
    const record = await vi.waitFor(async () => {
      const last = await setup.gateway.lastRecord()
      expect(last).toMatchObject({ outcome: 'cut', fault: 'provider_error', status: 200, stream: true })
      return last
    })
    expect(record?.usage?.output.total).toBeGreaterThan(0)
  })

  it.each(ways)('that comes before anything was said is an ordinary error of $client at $upstream', async (way) => {
    setup.upstreams[way.upstream].answer(stream(said[way.upstream]().slice(-1)))
    const error = await raised(way, true)
    expect(error).toBeInstanceOf(way.client === 'openai' ? OpenAI.InternalServerError : Anthropic.InternalServerError)
    expect(error.message).toContain('The engine burnt out.')
  })
})

describe('what the gateway itself refuses', () => {
  it.each(protocols)('is an error of the %s SDK: a model there is none of, with the nearest names', async (client) => {
    const model = 'oai'
    const messages = [{ role: 'user', content: 'Hi.' } as const]
    const call =
      client === 'openai'
        ? setup.openai.chat.completions.create({ model, messages })
        : setup.anthropic.messages.create({ model, messages, max_tokens: 10 })
    const error: unknown = await call.catch((raised: unknown) => raised)
    expect(error).toBeInstanceOf(classes[client](404))
    expect(JSON.stringify((error as SdkError).error)).toContain('\\"oai\\"')
  })

  it.each(protocols)('is an error of the %s SDK: a key that is not known', async (client) => {
    const apiKey = 'sk-nobody-has-this'
    const messages = [{ role: 'user', content: 'Hi.' } as const]
    const call =
      client === 'openai'
        ? new OpenAI({ baseURL: `${setup.gateway.url}/v1`, apiKey, maxRetries: 0 }).chat.completions.create({
            model: 'oai/m-1',
            messages,
          })
        : new Anthropic({ baseURL: setup.gateway.url, apiKey, maxRetries: 0 }).messages.create({
            model: 'oai/m-1',
            messages,
            max_tokens: 10,
          })
    await expect(call).rejects.toBeInstanceOf(classes[client](401))
    await expect(call).rejects.not.toMatchObject({ message: expect.stringContaining(apiKey) })
  })

  it.each(protocols)(
    'is an error of the %s SDK: a field that is not what it should be, by its name',
    async (client) => {
      const wrong = { temperature: 'hot' } as object
      const messages = [{ role: 'user', content: 'Hi.' } as const]
      const call =
        client === 'openai'
          ? setup.openai.chat.completions.create({ model: 'claude/m-1', messages, ...wrong })
          : setup.anthropic.messages.create({ model: 'oai/m-1', messages, max_tokens: 10, ...wrong })
      await expect(call).rejects.toBeInstanceOf(classes[client](400))
      await expect(call).rejects.toMatchObject({ message: expect.stringContaining('temperature') })
    },
  )
})
