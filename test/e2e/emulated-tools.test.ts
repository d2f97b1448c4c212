/** Tools for targets that have none: described in the prompt, called in the text. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cutInto, json, stream } from '../harness/upstream.ts'
import { providerNames, setUp, ways } from './way.ts'
import type { Protocol, Setup } from './way.ts'
import { eventStream, message, textBlock } from './wire/anthropic-wire.ts'
import { chunkStream, completion } from './wire/openai-wire.ts'

const parameters = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] }
const written = `I look it up.

<tool_call>
{"name": "get_weather", "arguments": {"city": "Oslo"}}
</tool_call>
<tool_call>
{"name": "get_weather", "arguments": {"city": "</tool_call>"}}
</tool_call>`

interface Heard {
  readonly text: string
  readonly calls: { id: string; name: string; input: unknown }[]
  readonly finish: string | null | undefined
}

const openaiTool = {
  type: 'function' as const,
  function: { name: 'get_weather', description: 'Weather now.', parameters },
}
const anthropicTool = { name: 'get_weather', description: 'Weather now.', input_schema: parameters }

async function ask({ openai, anthropic }: Setup, client: Protocol, model: string, streamed: boolean): Promise<Heard> {
  if (client === 'openai') {
    const params = { model, messages: [{ role: 'user' as const, content: 'Weather?' }], tools: [openaiTool] }
    const answer = streamed
      ? await openai.chat.completions.stream(params).finalChatCompletion()
      : await openai.chat.completions.create(params)
    const [choice] = answer.choices
    return {
      text: choice?.message.content ?? '',
      calls: (choice?.message.tool_calls ?? []).flatMap((call) =>
        call.type === 'function'
          ? [{ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) as unknown }]
          : [],
      ),
      finish: choice?.finish_reason,
    }
  }
  const params = {
    model,
    max_tokens: 100,
    messages: [{ role: 'user' as const, content: 'Weather?' }],
    tools: [anthropicTool],
  }
  const answer = streamed
    ? await anthropic.messages.stream(params).finalMessage()
    : await anthropic.messages.create(params)
  return {
    text: answer.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    calls: answer.content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
    ),
    finish: answer.stop_reason,
  }
}

const received = (setup: Setup, upstream: Protocol): Record<string, unknown> =>
  JSON.parse(setup.upstreams[upstream].received.at(-1)?.body.toString() ?? '{}') as Record<string, unknown>

describe('tools in words', () => {
  let setup: Setup
  beforeAll(async () => {
    const supports = 'supports: { tools: emulated }'
    setup = await setUp({ openai: supports, anthropic: supports })
  })
  afterAll(() => setup[Symbol.asyncDispose]())

  it.each(ways.flatMap((way) => [false, true].map((streamed) => ({ ...way, streamed }))))(
    'are called by $upstream for the client of $client (streamed: $streamed)',
    async ({ client, upstream, streamed }) => {
      const wire =
        upstream === 'openai' ? chunkStream({ text: written }) : eventStream({ content: [textBlock(written)] })
      const whole = upstream === 'openai' ? completion({ text: written }) : message({ content: [textBlock(written)] })
      setup.upstreams[upstream].answer(streamed ? stream(cutInto(wire, 97)) : json(whole))
      const heard = await ask(setup, client, `${providerNames[upstream]}/m-1`, streamed)
      expect(heard.text).toBe('I look it up.')
      expect(heard.calls).toMatchObject([
        { name: 'get_weather', input: { city: 'Oslo' } },
        { name: 'get_weather', input: { city: '</tool_call>' } },
      ])
      expect(new Set(heard.calls.map(({ id }) => id)).size).toBe(2)
      expect(heard.finish).toBe(client === 'openai' ? 'tool_calls' : 'tool_use')

      const body = received(setup, upstream)
      expect([body['tools'], body['tool_choice']]).toEqual([undefined, undefined])
      const instructions = JSON.stringify(upstream === 'openai' ? body['messages'] : body['system'])
      expect(instructions).toContain('Weather now.')
      expect(instructions).toContain('<tool_call>')
    },
  )

  it('come back with their results as text', async () => {
    setup.upstreams.openai.answer(json(completion({ text: 'Sunny.' })))
    const answer = await setup.anthropic.messages.create({
      model: 'oai/m-1',
      max_tokens: 100,
      tools: [anthropicTool],
      messages: [
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'get_weather', input: { city: 'Oslo' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'sun' }, textBlockOf('So?')] },
      ],
    })
    expect(answer.content).toMatchObject([{ type: 'text', text: 'Sunny.' }])
    expect(answer.stop_reason).toBe('end_turn')
    expect((received(setup, 'openai')['messages'] as unknown[]).slice(1)).toEqual([
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: '<tool_call>\n{"name":"get_weather","arguments":{"city":"Oslo"}}\n</tool_call>',
      },
      { role: 'user', content: '<tool_response>\n{"name":"get_weather","content":"sun"}\n</tool_response>\nSo?' },
    ])
  })

  it('leave an answer alone that calls none, be it about marks', async () => {
    const text = 'One writes <tool_call>{"name": "other"}</tool_call>. '
    setup.upstreams.openai.answer(stream([chunkStream({ text })]))
    expect(await ask(setup, 'openai', 'oai/m-1', true)).toEqual({ text, calls: [], finish: 'stop' })
  })

  it('change nothing for requests without tools: their bytes go through', async () => {
    setup.upstreams.openai.answer(json(completion({ text: 'Hi.' })))
    const params = { model: 'oai/m-1', messages: [{ role: 'user' as const, content: 'Hi.' }] }
    await setup.openai.chat.completions.create(params)
    expect(received(setup, 'openai')).toEqual({ ...params, model: 'm-1' })
  })
})

const textBlockOf = (text: string) => ({ type: 'text' as const, text })

describe('a target without tools', () => {
  it('refuses them, saying what to do, and others get their turn', async () => {
    await using setup = await setUp({
      openai: 'supports: { tools: none }',
      yaml: 'routers: { any: { strategy: fallback, targets: [oai/m-1, claude/claude-sonnet-4-5] } }',
    })
    await expect(ask(setup, 'openai', 'oai/m-1', false)).rejects.toMatchObject({
      status: 400,
      code: 'not_expressible',
      param: 'tools',
      message: expect.stringContaining('oai/m-1 has no tools'),
    })
    setup.upstreams.anthropic.answer(
      json(
        message({
          content: [{ type: 'tool_use', id: 't1', name: 'get_weather', input: { city: 'Oslo' } }],
          stop: 'tool_use',
        }),
      ),
    )
    expect((await ask(setup, 'openai', 'any', false)).calls).toMatchObject([{ input: { city: 'Oslo' } }])
    expect(setup.upstreams.openai.received).toHaveLength(0)
  })
})
