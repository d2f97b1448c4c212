/**
 * An Anthropic-style provider's answers as they stand on the wire, written without the gateway's own codec: a message, and the
 * events in which the service would have streamed it.
 */
import type { JsonObject, JsonValue } from '../../../src/model/json.ts'
import { pieces } from './openai-wire.ts'

export interface AnthropicAnswer {
  readonly content: readonly JsonObject[]
  readonly stop?: string
  readonly stopSequence?: string
  readonly usage?: JsonObject
}

export const anthropicModel = 'claude-sonnet-4-5-20250929'

const usualUsage: JsonObject = {
  input_tokens: 21,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  output_tokens: 9,
  service_tier: 'standard',
}

export const textBlock = (text: string): JsonObject => ({ type: 'text', text })
export const toolUse = (id: string, name: string, input: JsonObject): JsonObject => ({
  type: 'tool_use',
  id,
  name,
  input,
})
export const thinking = (text: string, signature: string): JsonObject => ({
  type: 'thinking',
  thinking: text,
  signature,
})

export function message({ content, stop = 'end_turn', stopSequence, usage = usualUsage }: AnthropicAnswer): JsonObject {
  return {
    id: 'msg_01E2E',
    type: 'message',
    role: 'assistant',
    model: anthropicModel,
    content: [...content],
    stop_reason: stop,
    stop_sequence: stopSequence ?? null,
    usage,
  }
}

type Event = JsonObject & { readonly type: string }

export function events(answer: AnthropicAnswer): Event[] {
  const { content, stop = 'end_turn', stopSequence, usage = usualUsage } = answer
  const start: Event = {
    type: 'message_start',
    message: {
      ...message(answer),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usage, output_tokens: 1 },
    },
  }
  const blocks = content.flatMap((block, index): Event[] => [
    { type: 'content_block_start', index, content_block: opening(block) },
    ...(index === 0 ? [{ type: 'ping' }] : []),
    ...deltas(block).map((delta): Event => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ])
  const told = Object.fromEntries(
    Object.entries(usage).filter(([key]) => key !== 'service_tier' && key !== 'cache_creation'),
  )
  return [
    start,
    ...blocks,
    { type: 'message_delta', delta: { stop_reason: stop, stop_sequence: stopSequence ?? null }, usage: told },
    { type: 'message_stop' },
  ]
}

function opening(block: JsonObject): JsonObject {
  switch (block['type']) {
    case 'text':
      return { ...(block['citations'] !== undefined && { citations: [] }), type: 'text', text: '' }
    case 'tool_use':
    case 'server_tool_use':
      return { ...block, input: {} }
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' }
    default:
      return block
  }
}

function deltas(block: JsonObject): JsonObject[] {
  const text = (key: string): string => (typeof block[key] === 'string' ? block[key] : '')
  switch (block['type']) {
    case 'text': {
      const citations: JsonValue[] = Array.isArray(block['citations']) ? block['citations'] : []
      return [
        ...pieces(text('text')).map((piece): JsonObject => ({ type: 'text_delta', text: piece })),
        ...citations.map((citation): JsonObject => ({ type: 'citations_delta', citation })),
      ]
    }
    case 'tool_use':
    case 'server_tool_use': {
      const json = JSON.stringify(block['input'])
      const parts = json === '{}' ? [] : pieces(json)
      return ['', ...parts].map((piece): JsonObject => ({ type: 'input_json_delta', partial_json: piece }))
    }
    case 'thinking':
      return [
        ...pieces(text('thinking')).map((piece): JsonObject => ({ type: 'thinking_delta', thinking: piece })),
        { type: 'signature_delta', signature: text('signature') },
      ]
    default:
      return []
  }
}

export function eventStream(answer: AnthropicAnswer): string {
  return events(answer)
    .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('')
}
