/** Writes answers in Anthropic's Messages protocol. */
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Answer, AnswerChoice } from './answer.ts'
import { hashText } from './seeded.ts'
import type { Turn } from './turn.ts'
import { grouped, mostKept } from './wire.ts'
import type { Wire, WireCall, WireError, WireEvent } from './wire.ts'

const stopReasons: Readonly<Record<AnswerChoice['finish'], string>> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  refusal: 'refusal',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
}

const errorTypes: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** The simulator's proof that a thinking block is its own, as long as a real one. */
export function signatureOf(thinking: string): string {
  let hash = hashText(thinking, 7)
  let hex = ''
  for (let part = 0; part < 16; part++) {
    hash = hashText(String(part), hash)
    hex += hash.toString(16).padStart(8, '0')
  }
  return Buffer.from(`sluicegate-sim-1:${hex}`).toString('base64')
}

/** A call's arguments as an object; one that was cut off in its middle is given empty. */
function inputOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}

function stopOf(choice: AnswerChoice): JsonObject {
  const refused = choice.finish === 'refusal'
  const details = { type: 'refusal', category: 'general_harms', explanation: choice.refusal.join('') }
  return {
    stop_reason: stopReasons[choice.finish],
    stop_sequence: choice.sequence ?? null,
    ...(refused && { stop_details: details }),
  }
}

function blocksOf(choice: AnswerChoice, turn: Turn): JsonObject[] {
  const blocks: JsonObject[] = []
  const thinking = choice.reasoning.join('')
  if (thinking !== '') {
    const shown = turn.reasoningHidden ? '' : thinking
    blocks.push({ type: 'thinking', thinking: shown, signature: signatureOf(shown) })
  }
  if (choice.text.length > 0) blocks.push({ type: 'text', text: choice.text.join('') })
  for (const call of choice.calls) {
    blocks.push({ type: 'tool_use', id: `toolu_${call.id}`, name: call.name, input: inputOf(call.arguments.join('')) })
  }
  return blocks
}

function inputUsage({ usage: { promptTokens, cache } }: WireCall): JsonObject {
  const written = cache.written5m + cache.written1h
  return {
    input_tokens: promptTokens - cache.read - written,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: cache.read,
  }
}

function usageOf(call: WireCall, answer: Answer, outputTokens: number): JsonObject {
  return {
    ...inputUsage(call),
    cache_creation: {
      ephemeral_5m_input_tokens: call.usage.cache.written5m,
      ephemeral_1h_input_tokens: call.usage.cache.written1h,
    },
    output_tokens: outputTokens,
    ...outputDetails(answer, outputTokens),
    service_tier: 'standard',
    inference_geo: 'not_available',
  }
}

function outputDetails({ reasoningTokens }: Answer, outputTokens: number): JsonObject {
  return reasoningTokens === 0 || outputTokens < reasoningTokens
    ? {}
    : { output_tokens_details: { thinking_tokens: reasoningTokens } }
}

const event = (type: string, members: JsonObject, tokens = 0): WireEvent => ({
  text: `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`,
  tokens,
})

interface Delta {
  readonly delta: JsonObject
  readonly tokens: number
}

/** Everything between the first event and the last two: the same for every call of the same request. */
function* contentEvents(choice: AnswerChoice, turn: Turn, chunk: number): Generator<WireEvent> {
  let index = 0
  function* block(start: JsonObject, deltas: Iterable<Delta>): Generator<WireEvent> {
    yield event('content_block_start', { index, content_block: start })
    if (index === 0) yield event('ping', {})
    for (const { delta, tokens } of deltas) yield event('content_block_delta', { index, delta }, tokens)
    yield event('content_block_stop', { index })
    index++
  }
  function* deltas(list: readonly string[], type: string, member: string): Generator<Delta> {
    for (const { text, tokens } of grouped(list, chunk)) yield { delta: { type, [member]: text }, tokens }
  }

  if (choice.reasoning.length > 0) {
    const shown = turn.reasoningHidden ? [] : deltas(choice.reasoning, 'thinking_delta', 'thinking')
    const signature = signatureOf(turn.reasoningHidden ? '' : choice.reasoning.join(''))
    const signed = {
      delta: { type: 'signature_delta', signature },
      tokens: turn.reasoningHidden ? choice.reasoning.length : 0,
    }
    yield* block({ type: 'thinking', thinking: '', signature: '' }, chained(shown, [signed]))
  }
  if (choice.text.length > 0) yield* block({ type: 'text', text: '' }, deltas(choice.text, 'text_delta', 'text'))
  for (const call of choice.calls) {
    const empty = { delta: { type: 'input_json_delta', partial_json: '' }, tokens: 0 }
    yield* block(
      { type: 'tool_use', id: `toolu_${call.id}`, name: call.name, input: {} },
      chained([empty], deltas(call.arguments, 'input_json_delta', 'partial_json')),
    )
  }
}

function* chained<T>(...lists: readonly Iterable<T>[]): Generator<T> {
  for (const list of lists) yield* list
}

function choiceOf({ choices: [choice] }: Answer): AnswerChoice {
  if (choice === undefined) throw new TypeError('an answer has at least one choice')
  return choice
}

function errorJson({ status, message, type }: WireError, id: string): JsonObject {
  const usual = errorTypes[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error')
  return { type: 'error', error: { type: type ?? usual, message }, request_id: `req_${id}` }
}

export const anthropicWire: Wire = {
  idHeader: 'request-id',

  body(model, turn, answer) {
    const choice = choiceOf(answer)
    const content = JSON.stringify(blocksOf(choice, turn))
    const stop = JSON.stringify(stopOf(choice)).slice(1, -1)
    const rest = `,"type":"message","role":"assistant","content":${content},${stop},"usage":`
    const head = `{"model":${JSON.stringify(model)},"id":"msg_`
    return (call) => `${head}${call.id}"${rest}${JSON.stringify(usageOf(call, answer, answer.outputTokens))}}`
  },

  events(model, turn, answer, chunk) {
    const choice = choiceOf(answer)
    const kept = answer.outputTokens <= mostKept ? [...contentEvents(choice, turn, chunk)] : undefined
    const delta = stopOf(choice)
    return (call) => {
      const message = {
        model,
        id: `msg_${call.id}`,
        type: 'message',
        role: 'assistant',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: usageOf(call, answer, Math.min(1, answer.outputTokens)),
      }
      const usage = {
        ...inputUsage(call),
        output_tokens: answer.outputTokens,
        ...outputDetails(answer, answer.outputTokens),
      }
      return chained([event('message_start', { message })], kept ?? contentEvents(choice, turn, chunk), [
        event('message_delta', { delta, usage }),
        event('message_stop', {}),
      ])
    }
  },

  error: (error, id) => JSON.stringify(errorJson(error, id)),
  errorEvent: (error, id) => `event: error\ndata: ${JSON.stringify(errorJson(error, id))}\n\n`,
}
