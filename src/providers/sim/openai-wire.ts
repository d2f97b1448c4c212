/** Writes answers in OpenAI's Chat Completions protocol; thinking goes into `reasoning_content`, as open-weight servers do it. */
import type { JsonObject } from '../../model/json.ts'
import type { Answer, AnswerCall, AnswerChoice } from './answer.ts'
import { hashText, seeded } from './seeded.ts'
import type { Turn } from './turn.ts'
import { grouped } from './wire.ts'
import type { Wire, WireCall, WireError, WireEvent } from './wire.ts'

const fingerprint = 'fp_sluicegate_sim'

const finishes: Readonly<Record<AnswerChoice['finish'], string>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  refusal: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
}

function logprobOf(token: string, salt: number): { token: string; logprob: number; bytes: number[] } {
  const draw = seeded(hashText(token, salt))
  return { token, logprob: -Number((draw() * 3 + salt).toFixed(4)), bytes: [...Buffer.from(token)] }
}

/** Made-up log probabilities: the token itself is the likeliest, its alternatives less and less so. */
function logprobs(tokens: readonly string[], top: number): JsonObject[] {
  return tokens.map((token) => ({
    ...logprobOf(token, 0),
    top_logprobs: Array.from({ length: top }, (_one, at) => logprobOf(at === 0 ? token : `${token}${at}`, at)),
  }))
}

function logprobsOf(turn: Turn, content: readonly string[], refusal: readonly string[]): JsonObject | null {
  if (turn.logprobs === undefined) return null
  return {
    content: content.length === 0 ? null : logprobs(content, turn.logprobs),
    refusal: refusal.length === 0 ? null : logprobs(refusal, turn.logprobs),
  }
}

function callJson({ id, name, custom, arguments: tokens }: AnswerCall, text = tokens.join('')): JsonObject {
  const call = { id: `call_${id}` }
  return custom
    ? { ...call, type: 'custom', custom: { name, input: text } }
    : { ...call, type: 'function', function: { name, arguments: text } }
}

function choiceJson(choice: AnswerChoice, index: number, turn: Turn): JsonObject {
  const message: JsonObject = {
    role: 'assistant',
    content: choice.calls.length > 0 || choice.refusal.length > 0 ? null : choice.text.join(''),
    refusal: choice.refusal.length > 0 ? choice.refusal.join('') : null,
    annotations: [],
  }
  if (choice.reasoning.length > 0) message['reasoning_content'] = choice.reasoning.join('')
  if (choice.calls.length > 0) message['tool_calls'] = choice.calls.map((call) => callJson(call))
  return {
    index,
    message,
    logprobs: logprobsOf(turn, choice.text, choice.refusal),
    finish_reason: finishes[choice.finish],
  }
}

function usageText({ outputTokens, reasoningTokens }: Answer, { usage }: WireCall): string {
  return JSON.stringify({
    prompt_tokens: usage.promptTokens,
    completion_tokens: outputTokens,
    total_tokens: usage.promptTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cache.read, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  })
}

interface Delta {
  /** The chunk's `choices`. */
  readonly choices: string
  readonly tokens: number
}

function choiceDeltas(choice: AnswerChoice, index: number, turn: Turn, chunk: number): Delta[] {
  const deltas: Delta[] = []
  const add = (
    delta: JsonObject,
    tokens: number,
    logprobs: JsonObject | null = null,
    finish: string | null = null,
  ): void => {
    deltas.push({ choices: JSON.stringify([{ index, delta, logprobs, finish_reason: finish }]), tokens })
  }
  const begin = choice.calls.length > 0 || choice.refusal.length > 0 ? null : ''
  add({ role: 'assistant', content: begin, refusal: null }, 0)
  for (const { text, tokens } of grouped(choice.reasoning, chunk)) add({ reasoning_content: text }, tokens)
  const said = (list: readonly string[], at: number, size: number): readonly string[] =>
    turn.logprobs === undefined ? [] : list.slice(at, at + size)
  for (const [at, { text, tokens }] of grouped(choice.text, chunk).entries()) {
    add({ content: text }, tokens, logprobsOf(turn, said(choice.text, at * chunk, tokens), []))
  }
  for (const [at, { text, tokens }] of grouped(choice.refusal, chunk).entries()) {
    add({ refusal: text }, tokens, logprobsOf(turn, [], said(choice.refusal, at * chunk, tokens)))
  }
  for (const [at, call] of choice.calls.entries()) {
    add({ tool_calls: [{ index: at, ...callJson(call, '') }] }, 1)
    for (const { text, tokens } of grouped(call.arguments, chunk)) {
      add(
        {
          tool_calls: [
            { index: at, ...(call.custom ? { custom: { input: text } } : { function: { arguments: text } }) },
          ],
        },
        tokens,
      )
    }
  }
  add({}, 0, null, finishes[choice.finish])
  return deltas
}

/** The choices' chunks in turn, as they come when several are written at the same time. */
function interleave(lists: readonly Delta[][]): Delta[] {
  if (lists.length === 1) return lists[0] ?? []
  const longest = Math.max(...lists.map((list) => list.length))
  const mixed: Delta[] = []
  for (let at = 0; at < longest; at++) {
    for (const list of lists) {
      const delta = list[at]
      if (delta !== undefined) mixed.push(delta)
    }
  }
  return mixed
}

function errorJson({ status, message, type, code, param }: WireError): JsonObject {
  const usual =
    status === 401 || status === 403 || status < 429
      ? 'invalid_request_error'
      : status === 429
        ? 'rate_limit_error'
        : 'server_error'
  const usualCode = status === 401 ? 'invalid_api_key' : status === 429 ? 'rate_limit_exceeded' : null
  return { error: { message, type: type ?? usual, param: param ?? null, code: code ?? type ?? usualCode } }
}

export const openaiWire: Wire = {
  idHeader: 'x-request-id',

  body(model, turn, answer) {
    const choices = JSON.stringify(answer.choices.map((choice, index) => choiceJson(choice, index, turn)))
    const before = `,"model":${JSON.stringify(model)},"choices":${choices},"usage":`
    const after = `,"service_tier":"default","system_fingerprint":"${fingerprint}"}`
    return (call) =>
      `{"id":"chatcmpl-${call.id}","object":"chat.completion","created":${call.created}${before}${usageText(answer, call)}${after}`
  },

  events(model, turn, answer, chunk) {
    const deltas = interleave(answer.choices.map((choice, index) => choiceDeltas(choice, index, turn, chunk)))
    const rest = `,"model":${JSON.stringify(model)},"service_tier":"default","system_fingerprint":"${fingerprint}","choices":`
    const tail = turn.streamUsage ? ',"usage":null}\n\n' : '}\n\n'
    return (call) => {
      const head = `data: {"id":"chatcmpl-${call.id}","object":"chat.completion.chunk","created":${call.created}${rest}`
      const events: WireEvent[] = deltas.map(({ choices, tokens }) => ({ text: head + choices + tail, tokens }))
      if (turn.streamUsage) events.push({ text: `${head}[],"usage":${usageText(answer, call)}}\n\n`, tokens: 0 })
      events.push({ text: 'data: [DONE]\n\n', tokens: 0 })
      return events
    }
  },

  error: (error) => JSON.stringify(errorJson(error)),
  errorEvent: (error) => `data: ${JSON.stringify(errorJson(error))}\n\n`,
}
