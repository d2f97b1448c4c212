/**
 * Gemini's thought signatures over two turns, through clients of other protocols: Gemini 3 refuses a call that comes back without
 * its signature, and neither protocol has a place for it on a call.
 */
import { describe, expect, it } from 'vitest'
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts'
import { gemini } from '../../src/dialects/gemini/index.ts'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import type { ChatDialect } from '../../src/kernel/dialect.ts'
import type { ChatRequest, ChatResponse } from '../../src/model/chat.ts'
import { foldChat } from '../../src/model/fold-chat.ts'
import type { JsonObject } from '../../src/model/json.ts'

const model = 'gemini-3-pro-preview'
const turn: JsonObject[] = [
  { thought: true, text: 'Both cities.' },
  { text: 'Let me look.' },
  { functionCall: { id: 'c1', name: 'get_weather', args: { city: 'Oslo' } }, thoughtSignature: 'Q0FMTDE=' },
  { functionCall: { id: 'c2', name: 'get_weather', args: { city: 'Rome' } } },
]
const spoken: JsonObject[] = [{ text: 'Sunny. 🌞', thoughtSignature: 'VEVYVA==' }]

const answer = (parts: JsonObject[]): JsonObject => ({
  candidates: [{ content: { parts, role: 'model' }, finishReason: 'STOP', index: 0 }],
  modelVersion: model,
  responseId: 'r1',
})

/** Each part a chunk of its own, a text in two, its signature with nothing at the end. */
function streamed(parts: JsonObject[]): string {
  const pieces = parts.flatMap(({ text, thoughtSignature, ...more }): JsonObject[] => {
    if (typeof text !== 'string') return [{ ...more, ...(thoughtSignature !== undefined && { thoughtSignature }) }]
    const halves = [text.slice(0, 3), text.slice(3)].map((half) => ({ ...more, text: half }))
    return [...halves, ...(thoughtSignature === undefined ? [] : [{ ...more, text: '', thoughtSignature }])]
  })
  return pieces
    .map((part, index) => {
      const [candidate] = answer([part])['candidates'] as JsonObject[]
      const { finishReason, ...open } = candidate ?? {}
      const last = index === pieces.length - 1
      return `data: ${JSON.stringify({ ...answer([]), candidates: [last ? { ...open, finishReason } : open] })}\r\n\r\n`
    })
    .join('')
}

function eventsOf(dialect: ChatDialect, wire: string) {
  const decoder = dialect.stream?.decoder()
  return decoder === undefined ? [] : [...decoder.push(Buffer.from(wire)), ...decoder.end()]
}

/** What a client of `client` holds after the stream, as the response it amounts to. */
function throughStream(client: ChatDialect, parts: JsonObject[]): ChatResponse {
  const encoder = client.stream?.encoder({ model, streamUsage: true })
  const wire = eventsOf(gemini, streamed(parts)).map((event) => String(encoder?.push(event) ?? ''))
  return foldChat(eventsOf(client, wire.join('')))
}

/** The assistant's message that a client of OpenAI's protocol sends back. */
function openaiTurn(response: ChatResponse): JsonObject {
  const { json } = openaiChat.response.encode(response, { model })
  return (json as unknown as { choices: { message: JsonObject }[] }).choices[0]?.message ?? {}
}

function anthropicTurn(response: ChatResponse): JsonObject {
  const { json } = anthropicMessages.response.encode(response, { model })
  return { role: 'assistant', content: (json as JsonObject)['content'] ?? [] }
}

const question = { role: 'user', content: 'Weather?' }
const clients: [string, ChatDialect, (response: ChatResponse) => JsonObject][] = [
  ['OpenAI', openaiChat, openaiTurn],
  ['Anthropic', anthropicMessages, anthropicTurn],
]

/** What Gemini gets of that message in the next turn. */
function returned(client: ChatDialect, message: JsonObject): unknown {
  const body = { model, max_tokens: 100, messages: [question, message, question] }
  const request: ChatRequest = client.request.decode(JSON.parse(JSON.stringify(body)))
  const { json, lost } = gemini.request.encode(request, { model })
  expect(lost).toEqual([])
  return (json as { contents: { parts: unknown }[] }).contents[1]?.parts
}

describe.each(clients)("through a client of %s's protocol", (_name, client, messageOf) => {
  it.each([
    ['calls', turn],
    ['a text', spoken],
  ])('the signatures of %s come back to their parts', (_what, parts) => {
    expect(returned(client, messageOf(gemini.response.decode(answer(parts))))).toEqual(parts)
  })

  it.each([
    ['calls', turn],
    ['a text', spoken],
  ])('the signatures of %s come back to their parts from a stream', (_what, parts) => {
    expect(returned(client, messageOf(throughStream(client, parts)))).toEqual(parts)
  })
})

it("reasoning of Claude comes back to it through a client of Gemini's protocol", () => {
  const content = [
    { type: 'thinking', thinking: 'Hm.', signature: 'EqQBCgIYAhIM1gbc' },
    { type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3p' },
    { type: 'tool_use', id: 'toolu_01', name: 'f', input: { a: 1 } },
  ]
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content, stop_reason: 'tool_use' }
  const usage = { input_tokens: 1, output_tokens: 2 }
  const response = anthropicMessages.response.decode({ ...message, stop_sequence: null, usage })
  const shown = gemini.response.encode(response, { model: 'claude' }).json as { candidates: { content: JsonObject }[] }
  const result = { functionResponse: { name: 'f', id: 'toolu_01', response: { output: 'ok' } } }
  const body = {
    contents: [{ parts: [{ text: 'Q' }] }, shown.candidates[0]?.content ?? {}, { role: 'user', parts: [result] }],
  }
  const request = gemini.request.decode(body, { model: 'claude' })
  const { json, lost } = anthropicMessages.request.encode(request, { model: 'claude-sonnet-4-5' })
  expect(lost).toEqual([])
  expect((json as { messages: JsonObject[] }).messages[1]).toEqual({ role: 'assistant', content })
})
