/**
 * Reasoning over two turns: what a provider signed comes back to it as it was, through clients of either protocol, and no provider
 * gets another's.
 */
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages'
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import { cutInto, json, stream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'
import { setUp } from './way.ts'
import type { Setup } from './way.ts'
import { eventStream, message, textBlock, thinking, toolUse } from './wire/anthropic-wire.ts'
import { chunkStream, completion } from './wire/openai-wire.ts'

const signature = 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds'
const encrypted = 'EmwKAhgBEgy3va3pzix/LafPsn4aDFIT2Xlxh0L5L8rLVyIwxtE3'
const first = {
  content: [
    thinking('The weather service knows. 🌦', signature),
    { type: 'redacted_thinking', data: encrypted },
    textBlock('Let me look.'),
    toolUse('toolu_01', 'get_weather', { city: 'Oslo' }),
  ],
  stop: 'tool_use',
}
const parameters = { type: 'object' as const, properties: { city: { type: 'string' } } }
const openaiTools: ChatCompletionTool[] = [{ type: 'function', function: { name: 'get_weather', parameters } }]
const anthropicTools = [{ name: 'get_weather', input_schema: parameters }]
const question = { role: 'user', content: 'Weather in Oslo?' } as const

let setup: Setup
beforeAll(async () => {
  setup = await setUp()
})
afterAll(() => setup[Symbol.asyncDispose]())

function lastBody(upstream: Upstream): JsonObject & { messages: { content: unknown }[] } {
  return JSON.parse(upstream.received.at(-1)?.body.toString() ?? '') as JsonObject & {
    messages: { content: unknown }[]
  }
}

/** What OpenRouter's clients know as `reasoning_details`. */
interface Detailed {
  readonly role: 'assistant'
  readonly reasoning_details?: JsonObject[]
}

async function secondTurnByOpenai(said: object): Promise<unknown> {
  const { claude } = { claude: setup.upstreams.anthropic }
  claude.answer(json(message({ content: [textBlock('Rain.')] })))
  const messages = [
    question,
    said as ChatCompletionMessageParam,
    { role: 'tool', tool_call_id: 'toolu_01', content: 'rain' } as const,
  ]
  const model = 'claude/claude-sonnet-4-5'
  const answer = await setup.openai.chat.completions.create({
    model,
    messages,
    tools: openaiTools,
    reasoning_effort: 'low',
  })
  expect(answer.choices[0]?.message.content).toBe('Rain.')
  return lastBody(claude).messages[1]
}

describe('an OpenAI client at an Anthropic provider', () => {
  const ask = {
    model: 'claude/claude-sonnet-4-5',
    messages: [question],
    tools: openaiTools,
    reasoning_effort: 'low',
  } as const

  it('returns thinking, its signature and redacted thinking with the message it was given', async () => {
    setup.upstreams.anthropic.answer(json(message(first)))
    const answer = await setup.openai.chat.completions.create({ ...ask, messages: [question] })
    const said = answer.choices[0]?.message
    expect((said as { reasoning_content?: string } | undefined)?.reasoning_content).toBe('The weather service knows. 🌦')
    expect(await secondTurnByOpenai(said ?? {})).toEqual({ role: 'assistant', content: first.content })
  })

  it.each([
    ['put together by index', mergedDetails],
    ['as the list of pieces that came', (details: JsonObject[]) => details],
  ])('returns the same of a stream, its details %s', async (_, collect) => {
    setup.upstreams.anthropic.answer(stream(cutInto(eventStream(first), 7)))
    const chunks = await Array.fromAsync(
      await setup.openai.chat.completions.create({ ...ask, messages: [question], stream: true }),
    )
    const deltas = chunks.flatMap(({ choices }) =>
      choices.map(({ delta }) => delta as typeof delta & Partial<Detailed>),
    )
    const text = deltas.map(({ content }) => content ?? '').join('')
    const call = deltas.flatMap(({ tool_calls: calls }) => calls ?? [])
    const details = collect(deltas.flatMap(({ reasoning_details: list }) => list ?? []))
    const said = {
      role: 'assistant',
      content: text,
      reasoning_details: details,
      tool_calls: [
        {
          id: call[0]?.id,
          type: 'function',
          function: {
            name: call[0]?.function?.name,
            arguments: call.map((one) => one.function?.arguments ?? '').join(''),
          },
        },
      ],
    }
    expect(await secondTurnByOpenai(said)).toEqual({ role: 'assistant', content: first.content })
  })

  it('sends no reasoning on that it cannot prove', async () => {
    const said = { role: 'assistant', content: 'Hm.', reasoning_content: 'Made up.' }
    expect(await secondTurnByOpenai(said)).toEqual({ role: 'assistant', content: [textBlock('Hm.')] })
  })
})

/** As clients put pieces of details together: text grows, a signature comes at the end. */
function mergedDetails(details: readonly JsonObject[]): JsonObject[] {
  const merged = new Map<unknown, JsonObject>()
  for (const detail of details) {
    const before = merged.get(detail['index'])
    const grown = `${typeof before?.['text'] === 'string' ? before['text'] : ''}${typeof detail['text'] === 'string' ? detail['text'] : ''}`
    merged.set(detail['index'], { ...before, ...detail, ...(detail['text'] !== undefined && { text: grown }) })
  }
  return [...merged.values()]
}

describe('an Anthropic client at an OpenAI-style provider that shows its reasoning', () => {
  const ask = { max_tokens: 4000, tools: anthropicTools, messages: [question] as MessageParam[] }
  const said = {
    text: null,
    reasoning: 'A service knows the weather.',
    calls: [{ id: 'call_1', name: 'get_weather', arguments: '{"city":"Oslo"}' }],
    finish: 'tool_calls',
  }
  const result: MessageParam = {
    role: 'user',
    content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'rain' }],
  }

  it.each([
    ['complete', () => json(completion(said))],
    ['streamed', () => stream(cutInto(chunkStream(said), 7))],
  ])('returns it to that provider, and to no other, when the answer came %s', async (how, answer) => {
    const { openai: oai, anthropic: claude } = setup.upstreams
    oai.answer(answer())
    const params = { ...ask, model: 'oai/gpt-5.1' }
    const turn =
      how === 'streamed'
        ? await setup.anthropic.messages.stream(params).finalMessage()
        : await setup.anthropic.messages.create(params)
    expect(turn.content[0]).toMatchObject({ type: 'thinking', thinking: said.reasoning })
    const messages: MessageParam[] = [question, { role: 'assistant', content: turn.content }, result]

    oai.answer(json(completion({ text: 'Rain.' })))
    await setup.anthropic.messages.create({ ...ask, model: 'oai/gpt-5.1', messages })
    expect(lastBody(oai).messages[1]).toMatchObject({ role: 'assistant', reasoning_content: said.reasoning })

    claude.answer(json(message({ content: [textBlock('Rain.')] })))
    await setup.anthropic.messages.create({ ...ask, model: 'claude/claude-sonnet-4-5', messages })
    const { content } = lastBody(claude).messages[1] as { content: { type: string }[] }
    expect(content.map(({ type }) => type)).toEqual(['tool_use'])
  })

  it('sends no thinking of Anthropic to it', async () => {
    setup.upstreams.openai.answer(json(completion({ text: 'Rain.' })))
    const { response } = await setup.anthropic.messages
      .create({
        ...ask,
        model: 'oai/gpt-5.1',
        messages: [
          question,
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'Hm.', signature },
              { type: 'text', text: 'Well.' },
            ],
          },
          { role: 'user', content: 'And?' },
        ],
      })
      .withResponse()
    expect(lastBody(setup.upstreams.openai).messages[1]).toEqual({ role: 'assistant', content: 'Well.' })
    expect(response.headers.get('x-sluicegate-lost')).toContain('messages[1]')
  })
})
