/**
 * Decodes a completions request. `suffix`, `best_of` and `logit_bias`, which no other protocol has, and what services add of their
 * own stay unmodelled. https://platform.openai.com/docs/api-reference/completions/create
 */
import { defined } from '../../kernel/codec/defined.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { readStop } from '../../kernel/codec/stop-member.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { invalidRequest } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import { dialectId } from './dialect-id.ts'
import { decodePrompt } from './prompt.ts'

export function decodeRequest(json: unknown): ChatRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(dialectId, json, '')
  const model = reader.requiredString('model')
  if (model === '') throw invalidRequest('model', '`model` is empty: name the model to use.')
  const message = decodePrompt(reader)
  const stream = reader.boolean('stream')
  if (stream === false) reader.noteExplicit('stream')
  // The gateway repeats the prompt itself where the service cannot, so this is no setting to be lost.
  const echo = reader.boolean('echo')
  if (echo !== undefined) reader.note('echo', echo)
  const settings = {
    streamUsage: reader.nested('stream_options')?.boolean('include_usage'),
    maxOutputTokens: reader.integer('max_tokens', 0),
    temperature: reader.number('temperature'),
    topP: reader.number('top_p'),
    topK: decodeTopK(reader),
    presencePenalty: reader.number('presence_penalty'),
    frequencyPenalty: reader.number('frequency_penalty'),
    seed: reader.number('seed'),
    stop: readStop(reader),
    n: reader.integer('n', 1),
    logprobs: decodeLogprobSettings(reader),
    endUser: reader.string('user'),
  }
  return { model, messages: [message], stream: stream ?? false, ...defined(settings), ...reader.node() }
}

/** Not OpenAI's, but vLLM, Together and Fireworks take it. */
function decodeTopK(reader: MemberReader): number | undefined {
  const topK = reader.number('top_k')
  if (topK !== undefined) reader.note('topK', true)
  return topK
}

/** How many alternatives to tell; Fireworks takes true and false as well. */
function decodeLogprobSettings(reader: MemberReader): ChatRequest['logprobs'] {
  const value = reader.peek('logprobs')
  if (typeof value === 'boolean') {
    reader.take('logprobs')
    reader.note('switchedLogprobs', true)
    return { enabled: value }
  }
  const top = reader.integer('logprobs', 0)
  return top === undefined ? undefined : { enabled: true, top }
}
