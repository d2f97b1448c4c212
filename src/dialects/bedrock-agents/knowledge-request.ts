/**
 * Requests of a knowledge base (RetrieveAndGenerate): a query, whose passages a model then answers from. Which base and which model stands
 * in the gateway's name of the model, `knowledge-base/BASE/MODEL`. A conversation becomes a transcript, since a session cannot be named
 * by the client. docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_RetrieveAndGenerate.html
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
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'

export const knowledgeId = 'bedrock-knowledge-base'

const names: SettingNames = { maxOutputTokens: 'maxTokens', temperature: 'temperature', topP: 'topP' }
const spoken = spokenOf(names, 'stop')
const config = 'retrieveAndGenerateConfiguration'
const base = 'knowledgeBaseConfiguration'
const inference = ['generationConfiguration', 'inferenceConfig', 'textInferenceConfig'] as const
const inferencePath = [config, base, ...inference].join('.')

/** The base and the model of `knowledge-base/BASE/MODEL`, the model perhaps an ARN, which has slashes too. */
export function partsOf(model: string): { readonly base: string; readonly model: string } {
  const [, id, name] = /^knowledge-base\/([^/]+)\/(.+)$/.exec(model) ?? []
  return { base: id ?? model, model: name ?? '' }
}

export function readKnowledgeHead(body: Body<ChatRequest>, address: RequestAddress = {}): RequestHead {
  const spans = requestSpans(body)
  const input = spans.json('input')
  if (!isJsonObject(input)) throw wrongType('input', 'an object', input)
  const limit = objectAt(spans.json(config), [base, ...inference])['maxTokens']
  return {
    model: address.model ?? '',
    stream: address.stream ?? false,
    ...(typeof limit === 'number' && Number.isInteger(limit) && limit > 0 && { maxOutputTokens: limit }),
  }
}

function objectAt(value: unknown, steps: readonly string[]): JsonObject {
  let at: unknown = value
  for (const step of steps) at = isJsonObject(at) ? at[step] : undefined
  return isJsonObject(at) ? at : {}
}

export function decodeKnowledgeRequest(json: unknown, address: RequestAddress = {}): ChatRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(knowledgeId, json, '')
  const query = reader.requiredNested('input').requiredString('text')
  const settings = reader.nested(config)
  readWord(reader, settings, 'type')
  const knowledge = settings?.nested(base)
  for (const key of ['knowledgeBaseId', 'modelArn']) readWord(reader, knowledge, key)
  let inside = knowledge
  for (const step of inference) inside = inside?.nested(step)
  const stop = inside?.strings('stopSequences')
  return {
    model: address.model ?? '',
    stream: address.stream ?? false,
    messages: promptMessages(knowledgeId, query, undefined),
    ...readSettings(inside, names),
    ...(stop !== undefined && stop.length > 0 && { stop }),
    ...reader.node(),
  }
}

/** Said by the name of the model already. */
function readWord(reader: MemberReader, from: MemberReader | undefined, key: string): void {
  const value = from?.string(key)
  if (value !== undefined) reader.note(key, value)
}

export function encodeKnowledgeRequest(request: ChatRequest, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, knowledgeId, '', lost)
  const writer = new MemberWriter(knowledgeId, request)
  const own = writer.form !== undefined
  const { prompt } = writePrompt(request, { target: knowledgeId, instructions: false }, lost)
  writer.set('input.text', prompt)
  const { base: id, model } = partsOf(context.model)
  writer.set(`${config}.type`, own ? writer.note('type') : 'KNOWLEDGE_BASE')
  writer.set(`${config}.${base}.knowledgeBaseId`, own ? writer.note('knowledgeBaseId') : id)
  writer.set(`${config}.${base}.modelArn`, own ? writer.note('modelArn') : model)
  writeSettings(writer, inferencePath, request, names)
  const { stop = [] } = request
  if (stop.length > 0) writer.set(`${inferencePath}.stopSequences`, [...stop])
  reportUnsaid(request, knowledgeId, spoken, lost)
  return { json: writer.finish(), lost }
}
