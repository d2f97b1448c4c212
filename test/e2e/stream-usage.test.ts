/** Who asks for usage in streams, who sees it, and what is left alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientKey } from '../harness/gateway.ts'
import { stream } from '../harness/upstream.ts'
import { setUp } from './way.ts'
import type { Setup } from './way.ts'
import { eventStream, textBlock } from './wire/anthropic-wire.ts'
import { chunkStream } from './wire/openai-wire.ts'

let plain: Setup
beforeAll(async () => {
  plain = await setUp()
})
afterAll(() => plain[Symbol.asyncDispose]())

describe('usage in streams', () => {
  const ask = { messages: [{ role: 'user', content: 'Hi.' } as const], stream: true as const }
  const received = (one: Setup): Record<string, unknown> =>
    JSON.parse(one.upstreams.openai.received.at(-1)?.body.toString() ?? '') as Record<string, unknown>

  it('is asked for on the gateway’s account where configured, and kept from the client', async () => {
    await using one = await setUp({ openai: 'stream_usage: always' })
    const text = chunkStream({ text: 'Hello!' })
    one.upstreams.openai.answer(stream([text]))
    const chunks = await Array.fromAsync(await one.openai.chat.completions.create({ ...ask, model: 'oai/m-1' }))
    expect(received(one)).toEqual({ ...ask, model: 'm-1', stream_options: { include_usage: true } })
    expect(chunks.filter(({ choices }) => choices.length === 0)).toEqual([])
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Hello!')
    const record = await one.gateway.lastRecord()
    expect(record?.usage).toEqual(expect.objectContaining({ input: expect.objectContaining({ total: 21 }) }))
    expect(record?.usage?.estimated).toBeUndefined()
  })

  it('stays the client’s own when it asks itself', async () => {
    await using one = await setUp({ openai: 'stream_usage: always' })
    one.upstreams.openai.answer(stream([chunkStream({ text: 'Hello!' })]))
    const options = { include_usage: true, include_obfuscation: false }
    const chunks = await Array.fromAsync(
      await one.openai.chat.completions.create({ ...ask, model: 'oai/m-1', stream_options: options }),
    )
    expect(received(one)['stream_options']).toEqual(options)
    expect(chunks.at(-1)?.usage?.total_tokens).toBe(30)
  })

  it('is not touched where configured so, and is then an estimate', async () => {
    await using one = await setUp({ openai: 'stream_usage: never' })
    one.upstreams.openai.answer(stream([chunkStream({ text: 'Hello!' }, false)]))
    await Array.fromAsync(await one.openai.chat.completions.create({ ...ask, model: 'oai/m-1' }))
    expect(received(one)).toEqual({ ...ask, model: 'm-1' })
    expect((await one.gateway.lastRecord())?.usage?.estimated).toBe(true)

    one.upstreams.openai.answer(stream([chunkStream({ text: 'Hello!' }, false)]))
    const said = await one.anthropic.messages
      .stream({ model: 'oai/m-1', max_tokens: 5, messages: ask.messages })
      .finalMessage()
    expect(said.content).toMatchObject([{ type: 'text', text: 'Hello!' }])
    expect(received(one)['stream_options']).toBeUndefined()
  })

  it('is not asked for at an address of its own unless something depends on it', async () => {
    plain.upstreams.openai.answer(stream([chunkStream({ text: 'Hello!' }, false)]))
    await Array.fromAsync(await plain.openai.chat.completions.create({ ...ask, model: 'oai/gpt-5.1' }))
    expect(received(plain)).toEqual({ ...ask, model: 'gpt-5.1' })

    await using one = await setUp({
      openai: 'prices: { input: 1, output: 1 }',
      yaml: `keys: [{ name: test, secret: ${clientKey}, budget: { usd: 5, per: day } }]`,
    })
    one.upstreams.openai.answer(stream([chunkStream({ text: 'Hello!' })]))
    await Array.fromAsync(await one.openai.chat.completions.create({ ...ask, model: 'oai/m-1' }))
    expect(received(one)['stream_options']).toEqual({ include_usage: true })
  })

  it('comes to a client of another protocol from a stream of Anthropic', async () => {
    plain.upstreams.anthropic.answer(stream([eventStream({ content: [textBlock('Hello!')] })]))
    const asked = await Array.fromAsync(
      await plain.openai.chat.completions.create({
        ...ask,
        model: 'claude/claude-sonnet-4-5',
        stream_options: { include_usage: true },
      }),
    )
    expect(asked.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 21, completion_tokens: 9, total_tokens: 30 },
    })
    plain.upstreams.anthropic.answer(stream([eventStream({ content: [textBlock('Hello!')] })]))
    const unasked = await Array.fromAsync(
      await plain.openai.chat.completions.create({ ...ask, model: 'claude/claude-sonnet-4-5' }),
    )
    expect(unasked.filter((chunk) => chunk.usage)).toEqual([])
  })
})
