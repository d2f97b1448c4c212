/**
 * An OpenAI-style provider's answers as they stand on the wire, written without the gateway's own codec: a completion, and the
 * chunks in which the service would have streamed it.
 */
import type { JsonObject, JsonValue } from '../../../src/model/json.ts'

export interface WireCall {
  readonly id: string
  readonly name: string
  /** JSON text, as models write it. */
  readonly arguments: string
}

export interface OpenaiAnswer {
  readonly text?: string | null
  readonly reasoning?: string
  readonly refusal?: string
  readonly calls?: readonly WireCall[]
  readonly annotations?: JsonObject[]
  readonly finish?: string
  readonly usage?: JsonObject
  readonly serviceTier?: string
  /** Calls' arguments come in turns, a piece of each, as some services stream parallel calls. */
  readonly interleaved?: boolean
}

export const openaiModel = 'gpt-5.1-2025-11-13'

const usualUsage: JsonObject = {
  prompt_tokens: 21,
  completion_tokens: 9,
  total_tokens: 30,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
}

function head(answer: OpenaiAnswer, object: string): JsonObject {
  return {
    id: 'chatcmpl-E2E1',
    object,
    created: 1_770_000_000,
    model: openaiModel,
    service_tier: answer.serviceTier ?? 'default',
    system_fingerprint: 'fp_e2e',
  }
}

export function completion(answer: OpenaiAnswer): JsonObject {
  const { text = '', reasoning, refusal = null, calls, annotations = [], finish = 'stop', usage = usualUsage } = answer
  const message: JsonObject = {
    role: 'assistant',
    content: text,
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
    refusal,
    annotations,
    ...(calls !== undefined && {
      tool_calls: calls.map(({ id, name, arguments: text }) => ({
        id,
        type: 'function',
        function: { name, arguments: text },
      })),
    }),
  }
  return {
    ...head(answer, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    usage,
  }
}

/** The chunks' payloads, `[DONE]` not among them. */
export function chunks(answer: OpenaiAnswer, withUsage = true): JsonObject[] {
  const { text = '', reasoning, refusal, calls = [], annotations, finish = 'stop', usage = usualUsage } = answer
  const chunk = (choices: JsonValue[], told: JsonValue = null): JsonObject => ({
    ...head(answer, 'chat.completion.chunk'),
    choices,
    ...(withUsage && { usage: told }),
  })
  const delta = (members: JsonObject, finishReason: string | null = null): JsonObject =>
    chunk([{ index: 0, delta: members, logprobs: null, finish_reason: finishReason }])
  return [
    delta({ role: 'assistant', content: text === null ? null : '', refusal: null }),
    ...pieces(reasoning ?? '').map((piece) => delta({ reasoning_content: piece })),
    ...pieces(text ?? '').map((piece) => delta({ content: piece })),
    ...(annotations === undefined ? [] : [delta({ annotations })]),
    ...pieces(refusal ?? '').map((piece) => delta({ refusal: piece })),
    ...callDeltas(calls, answer.interleaved === true).map((call) => delta({ tool_calls: [call] })),
    delta({}, finish),
    ...(withUsage ? [chunk([], usage)] : []),
  ]
}

function callDeltas(calls: readonly WireCall[], interleaved: boolean): JsonObject[] {
  const deltas = calls.map(({ id, name, arguments: text }, index): JsonObject[] => [
    { index, id, type: 'function', function: { name, arguments: '' } },
    ...pieces(text).map((piece): JsonObject => ({ index, function: { arguments: piece } })),
  ])
  if (!interleaved) return deltas.flat()
  const longest = Math.max(0, ...deltas.map(({ length }) => length))
  return Array.from({ length: longest }, (_, turn) => deltas.flatMap((list) => list.slice(turn, turn + 1))).flat()
}

export function chunkStream(answer: OpenaiAnswer, withUsage = true): string {
  return `${chunks(answer, withUsage)
    .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
    .join('')}data: [DONE]\n\n`
}

/** Text as tokens would bring it: in pieces of a few characters, long ones of a few hundred; never half a character. */
export function pieces(text: string): string[] {
  const characters = Array.from(text)
  const size = Math.max(4, Math.ceil(characters.length / 300))
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, index) =>
    characters.slice(index * size, (index + 1) * size).join(''),
  )
}
