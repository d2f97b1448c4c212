/** Writes answers in OpenAI's Chat Completions protocol; thinking goes into `reasoning_content`, as open-weight servers do it. */
import type { JsonObject } from '../../model/json.ts'
import type { Answer, AnswerCall, AnswerChoice } from './answer.ts'
import { hashText, seeded } from './seeded.ts'
import type { Turn } from './turn.ts'
import { grouped, mostKept } from './wire.ts'
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

function* choiceDeltas(choice: AnswerChoice, index: number, turn: Turn, chunk: number): Generator<Delta> {
  const delta = (
    said: JsonObject,
    tokens: number,
    logprobs: JsonObject | null = null,
    finish: string | null = null,
  ): Delta => ({ choices: JSON.stringify([{ index, delta: said, logprobs, finish_reason: finish }]), tokens })
  const begin = choice.calls.length > 0 || choice.refusal.length > 0 ? null : ''
  yield delta({ role: 'assistant', content: begin, refusal: null }, 0)
  for (const { text, tokens } of grouped(choice.reasoning, chunk)) yield delta({ reasoning_content: text }, tokens)
  const judged = (list: readonly string[], at: number, size: number): readonly string[] =>
    turn.logprobs === undefined ? [] : list.slice(at, at + size)
  for (const { text, tokens, at } of grouped(choice.text, chunk))
    yield delta({ content: text }, tokens, logprobsOf(turn, judged(choice.text, at, tokens), []))
  for (const { text, tokens, at } of grouped(choice.refusal, chunk))
    yield delta({ refusal: text }, tokens, logprobsOf(turn, [], judged(choice.refusal, at, tokens)))
  for (const [at, call] of choice.calls.entries()) {
    yield delta({ tool_calls: [{ index: at, ...callJson(call, '') }] }, 1)
    for (const { text, tokens } of grouped(call.arguments, chunk)) {
      yield delta(
        {
          tool_calls: [
            { index: at, ...(call.custom ? { custom: { input: text } } : { function: { arguments: text } }) },
          ],
        },
        tokens,
      )
    }
  }
  yield delta({}, 0, null, finishes[choice.finish])
}

/** The choices' chunks in turn, as they come when several are written at the same time. */
function* interleave(lists: readonly Iterator<Delta>[]): Generator<Delta> {
  const open = new Set(lists)
  while (open.size > 0) {
    for (const list of open) {
      const next = list.next()
      if (next.done === true) open.delete(list)
      else yield next.value
    }
  }
}

function* eventsOf(deltas: Iterable<Delta>, head: string, tail: string, last: string): Generator<WireEvent> {
  for (const { choices, tokens } of deltas) yield { text: head + choices + tail, tokens }
  if (last !== '') yield { text: head + last, tokens: 0 }
  yield { text: 'data: [DONE]\n\n', tokens: 0 }
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
    const deltas = (): Iterable<Delta> =>
      interleave(answer.choices.map((choice, index) => choiceDeltas(choice, index, turn, chunk)))
    const kept = answer.outputTokens <= mostKept ? [...deltas()] : undefined
    const rest = `,"model":${JSON.stringify(model)},"service_tier":"default","system_fingerprint":"${fingerprint}","choices":`
    const tail = turn.streamUsage ? ',"usage":null}\n\n' : '}\n\n'
    return (call) => {
      const head = `data: {"id":"chatcmpl-${call.id}","object":"chat.completion.chunk","created":${call.created}${rest}`
      const last = turn.streamUsage ? `[],"usage":${usageText(answer, call)}}\n\n` : ''
      return eventsOf(kept ?? deltas(), head, tail, last)
    }
  },

  error: (error) => JSON.stringify(errorJson(error)),
  errorEvent: (error) => `data: ${JSON.stringify(errorJson(error))}\n\n`,
}
