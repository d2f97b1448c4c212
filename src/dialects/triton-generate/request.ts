/**
 * Requests: a text, and parameters that are the model's own. Those sent here have the names that the backends for language models give them,
 * vLLM's and TensorRT-LLM's; others of a client go along unmodelled.
 */
import type { Body } from '../../kernel/body.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { promptMessages, writePrompt } from '../../kernel/codec/one-text/prompt.ts'
import { readSettings, reportUnsaid, spokenOf, writeSettings } from '../../kernel/codec/one-text/settings.ts'
import type { SettingNames } from '../../kernel/codec/one-text/settings.ts'
import { requestSpans } from '../../kernel/codec/request-head.ts'
import type { EncodeContext, Encoded, RequestAddress, RequestHead } from '../../kernel/dialect.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { dialectId, isOwn } from './dialect-id.ts'

const names: SettingNames = {
  maxOutputTokens: 'max_tokens',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
}
const spoken = spokenOf(names)
/** Without a limit vLLM stops after 16 tokens, which no client of a chat protocol expects. */
const usualLimit = 1024

export function readHead(body: Body<ChatRequest>, address: RequestAddress = {}): RequestHead {
  const spans = requestSpans(body)
  const text = spans.json('text_input')
  if (typeof text !== 'string') throw wrongType('text_input', 'a string', text)
  const parameters = spans.json('parameters')
  const { max_tokens: limit = null, stream = null } = isJsonObject(parameters) ? parameters : {}
  return {
    model: address.model ?? '',
    stream: address.stream ?? stream === true,
    ...(typeof limit === 'number' && Number.isInteger(limit) && limit > 0 && { maxOutputTokens: limit }),
  }
}

export function decodeRequest(json: unknown, address: RequestAddress = {}): ChatRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(dialectId, json, '')
  const text = reader.requiredString('text_input')
  const parameters = reader.nested('parameters')
  const stream = parameters?.boolean('stream')
  if (stream !== undefined) reader.note('stream', stream)
  const without = parameters?.boolean('exclude_input_in_output')
  if (without !== undefined) reader.note('without', without)
  return {
    model: address.model ?? '',
    stream: address.stream ?? stream ?? false,
    messages: promptMessages(dialectId, text, undefined),
    ...readSettings(parameters, names),
    ...reader.node(),
  }
}

export function encodeRequest(request: ChatRequest, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, dialectId, '', lost)
  const writer = new MemberWriter(dialectId, request)
  const own = isOwn(request)
  const { prompt } = writePrompt(request, { target: dialectId, instructions: false }, lost)
  writer.set('text_input', prompt)
  writer.set('parameters.stream', own ? writer.note('stream') : request.stream)
  // vLLM's backend would repeat the prompt before the answer.
  writer.set('parameters.exclude_input_in_output', own ? writer.note('without') : true)
  writeSettings(writer, 'parameters', request, names)
  if (request.maxOutputTokens === undefined && !own) {
    const limit = Math.min(usualLimit, context.maxOutput ?? usualLimit)
    writer.set('parameters.max_tokens', limit)
    adapt(
      lost,
      'max_tokens',
      `${dialectId} ends answers after a few words unless it is told otherwise; ${limit} is sent`,
    )
  }
  reportUnsaid(request, dialectId, spoken, lost)
  return { json: writer.finish(), lost }
}
