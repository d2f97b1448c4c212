/** Other targets for requests that are too long or that a filter stops, and streams that are held until there is something of them. */
import { OpenAI } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settle } from '../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream, stream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

let upstream: Upstream
let gateway: Gateway
let client: OpenAI

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(`
providers:
  one: { use: sim }
  two: { use: sim, models: { echo: { context_window: 100000 }, text: { context_window: 1000 } } }
  three: { use: sim }
  up: { use: openai-compatible, base_url: "${upstream.url}/v1", credentials: k, prices: { input: 1, output: 1 } }
retries: { rounds: 0 }
models:
  small: { deployments: [{ provider: one, model: text, context_window: 1000 }], context_window_fallbacks: two/echo }
aliases: { short: small }
routers:
  mixed: { strategy: fallback, targets: [two/text, two/echo], context_window_fallbacks: [one/text] }
  sized: { strategy: fallback, targets: [two/text, two/echo] }
  refused: { strategy: fallback, targets: ["one/fault?status=400&error=context_length_exceeded", one/text], context_window_fallbacks: [two/echo] }
  again:
    strategy: fallback
    targets: ["one/fault?status=400&error=context_length_exceeded"]
    context_window_fallbacks: ["three/fault?status=400&error=context_length_exceeded"]
  raced:
    strategy: race
    targets: ["one/fault?status=400&error=context_length_exceeded", "one/text?ttft=600000"]
    context_window_fallbacks: [two/echo]
  strict: { strategy: fallback, targets: [up/m], content_policy_fallbacks: [one/echo, two/echo] }
  plain: { strategy: fallback, targets: [up/m] }
  eager: { strategy: fallback, targets: ["one/text?cut=6", two/echo] }
  patient: { strategy: fallback, targets: ["one/text?cut=6", two/echo], commit: 30 }
  reported: { strategy: fallback, targets: ["one/text?error_event=6", two/echo], commit: 30 }
  late: { strategy: fallback, targets: ["one/text?cut=40", two/echo], commit: 3 }
  word: { strategy: fallback, targets: ["one/text?cut=1", two/echo], commit: first_token }
  held: { strategy: fallback, targets: [up/held], commit: 1000 }
  brief: { strategy: fallback, targets: [two/echo], commit: 1000 }`)
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

async function ask(model: string, content = 'hello') {
  const { data, response } = await client.chat.completions
    .create({ model, messages: [{ role: 'user', content }] })
    .withResponse()
  return { text: data.choices[0]?.message.content, route: response.headers.get('x-sluicegate-route') }
}

/** The text that came, and what ended it. */
async function streamed(model: string): Promise<{ text: string; error: string | undefined }> {
  let text = ''
  try {
    const events = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
    })
    for await (const event of events) text += event.choices[0]?.delta.content ?? ''
    return { text, error: undefined }
  } catch (error) {
    return { text, error: String(error) }
  }
}

const last = async () => (await gateway.records()).at(-1)
const attempts = async () => (await last())?.attempts.map(({ provider, fault = 'ok' }) => `${provider} ${fault}`)

describe('a request that is too long', () => {
  it('goes to the larger model at once where the windows are known, under an alias too', async () => {
    const long = 'word '.repeat(1500)
    expect((await ask('small', long)).text).toBe(long)
    expect((await ask('short', long)).route).toBe('short > context_window > two/echo')
    expect(await attempts()).toEqual(['two ok'])
    expect((await ask('small')).text).not.toBe('hello')
  })

  it('goes to the target of its router that is large enough, before any fallback', async () => {
    expect((await ask('mixed', 'word '.repeat(1500))).route).toBe('mixed:fallback > two/echo')
  })

  it('goes to the target that is large enough where nobody else is named, too', async () => {
    expect((await ask('sized')).route).toBe('sized:fallback > two/text')
    expect((await ask('sized', 'word '.repeat(1500))).route).toBe('sized:fallback > two/echo')
  })

  it('goes to the larger model when the provider refuses it, and to no other target', async () => {
    expect(await ask('refused')).toEqual({ text: 'hello', route: 'refused > context_window > two/echo' })
    expect(await attempts()).toEqual(['one provider_rejected', 'two ok'])
    expect(await ask('raced')).toMatchObject({ text: 'hello' })
  })

  it('is refused when it is too long for that as well', async () => {
    await expect(ask('again')).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' })
    expect(await attempts()).toEqual(['one provider_rejected', 'three provider_rejected'])
  })
})

const completion = (finish: string, content: string | null): Answer =>
  json({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: finish }],
    usage: { prompt_tokens: 7, completion_tokens: 1, total_tokens: 8 },
  })
const event = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

describe('a request that a filter stops', () => {
  it('goes to another target when it is refused', async () => {
    const message = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy."
    upstream.next(json({ error: { message, code: 'content_filter', type: null, param: 'prompt' } }, 400))
    expect(await ask('strict')).toEqual({ text: 'hello', route: 'strict > content_policy > one/echo' })
  })

  it('goes to another target when the answer is stopped, which is paid for', async () => {
    upstream.next(completion('content_filter', null))
    expect((await ask('strict')).text).toBe('hello')
    const record = await last()
    expect(record).toMatchObject({ provider: 'one', outcome: 'ok' })
    expect(record?.cost).toBe(8_000)
  })

  it('goes to another target when the stream is stopped before a word', async () => {
    upstream.next(stream([event({ role: 'assistant', content: '' }), event({}, 'content_filter'), 'data: [DONE]\n\n']))
    expect(await streamed('strict')).toEqual({ text: 'hello', error: undefined })
    expect(await attempts()).toEqual(['up provider_rejected', 'one ok'])
  })

  it('stays where it is when there are words of it, or nobody else to ask', async () => {
    upstream.next(
      stream([event({ role: 'assistant', content: 'some' }), event({}, 'content_filter'), 'data: [DONE]\n\n']),
      completion('content_filter', 'half'),
    )
    expect((await streamed('strict')).text).toBe('some')
    expect((await ask('plain')).text).toBe('half')
  })
})

describe('a stream', () => {
  it('is given with the first piece, so that what breaks afterwards is seen', async () => {
    const { text, error } = await streamed('eager')
    expect(text).not.toBe('')
    expect(error).toMatch(/broke off/)
  })

  it('is held for as many tokens as is said, and another takes its place unseen; what was written is paid for', async () => {
    expect(await streamed('patient')).toEqual({ text: 'hello', error: undefined })
    expect(await attempts()).toEqual(['one provider_cut', 'two ok'])
    expect((await last())?.usage).toMatchObject({ estimated: true })
    expect(await streamed('reported')).toEqual({ text: 'hello', error: undefined })
  })

  it('is paid for as far as it had come when its client leaves before it is given any', async () => {
    const words = Array.from({ length: 20 }, (_, index) => `word${index} `)
    const piece = (content: string) => ({
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content } }],
    })
    const came = Promise.withResolvers<void>()
    upstream.answer(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const word of words) response.write(`data: ${JSON.stringify(piece(word))}\n\n`)
      came.resolve()
    })
    const leaving = new AbortController()
    const asked = client.chat.completions.create(
      { model: 'held', messages: [{ role: 'user', content: 'hi' }], stream: true },
      { signal: leaving.signal },
    )
    asked.catch(() => undefined)
    await came.promise
    await expect
      .poll(() => gateway.app.plan.deployments.some(({ id, signals }) => id === 'up/held' && signals.inFlight === 1))
      .toBe(true)
    for (let turn = 0; turn < 50; turn += 1) await settle()
    leaving.abort()
    await gateway.idle()
    const record = (await gateway.records()).at(-1)
    expect(record).toMatchObject({ outcome: 'client-gone', deployment: 'up/held' })
    expect(record?.usage?.output.total).toBeGreaterThan(15)
  })

  it('is held no longer than that', async () => {
    const { text, error } = await streamed('late')
    expect(text.length).toBeGreaterThan(12)
    expect(error).toMatch(/broke off/)
  })

  it('is held for its first word', async () => {
    expect(await streamed('word')).toEqual({ text: 'hello', error: undefined })
  })

  it('is given when it ends before there are as many', async () => {
    expect(await streamed('brief')).toEqual({ text: 'hello', error: undefined })
  })
})
