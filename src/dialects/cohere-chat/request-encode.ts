/** Encodes a request of Cohere's v2 chat. What Cohere has no word for, or not in that range, is reported. */
import { freeTextParameters } from '../../kernel/codec/function-members.ts'
import { textMember } from '../../kernel/codec/tool-arguments.ts'
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatRequest, OutputFormat, Tool, ToolChoice } from '../../model/chat.ts'
import type { JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import { budgetForEffort } from '../../model/reasoning-levels.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { MemberWriter } from './members.ts'
import { encodeMessages } from './messages-encode.ts'
import { adapt, drop } from './report.ts'

/** As many as Cohere accepts. */
const mostStops = 5

export function encodeRequest(request: ChatRequest, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, dialectId, '', lost)
  const writer = new MemberWriter(request)
  const own = isOwn(request)
  writer.set('model', context.model)
  const { messages, documents } = encodeMessages(request.messages, lost)
  writer.set('messages', messages)
  if (documents.length > 0) writer.set('documents', documents)
  if (request.stream || writer.wasExplicit('stream')) writer.set('stream', request.stream)
  writer.set('max_tokens', request.maxOutputTokens)
  writer.set('seed', request.seed)
  if (own) writeOwn(writer, request)
  else writeForeign(writer, request, context.model, lost)
  const tools = writeTools(writer, request, own, lost)
  writeFormat(writer, request.format, own ? '' : tools ? 'tools' : documents.length > 0 ? 'documents' : '', lost)
  return { json: writer.finish(), lost }
}

function writeOwn(writer: MemberWriter, request: ChatRequest): void {
  const { reasoning } = request
  writer.set('temperature', request.temperature)
  writer.set('p', request.topP)
  writer.set('k', request.topK)
  writer.set('presence_penalty', request.presencePenalty)
  writer.set('frequency_penalty', request.frequencyPenalty)
  writer.set('stop_sequences', request.stop && [...request.stop])
  writer.set('logprobs', request.logprobs?.enabled)
  writer.set('thinking.type', reasoning?.mode)
  writer.set('thinking.token_budget', reasoning?.budget)
}

/** Ranges as the API reference tells them (docs.cohere.com/reference/chat); temperatures beyond 1 are refused by the service. */
function writeForeign(writer: MemberWriter, request: ChatRequest, model: string, lost: Loss[]): void {
  const within = (member: string, path: string, value: number | undefined, least: number, most: number): void => {
    if (value === undefined) return
    const fit = Math.min(most, Math.max(least, value))
    if (fit !== value) adapt(lost, path, `it is from ${least} to ${most} here: ${fit} is sent`)
    writer.set(member, fit)
  }
  within('temperature', 'temperature', request.temperature, 0, 1)
  within('p', 'top_p', request.topP, 0.01, 0.99)
  within('k', 'top_k', request.topK, 0, 500)
  if (request.presencePenalty !== 0) within('presence_penalty', 'presence_penalty', request.presencePenalty, 0, 1)
  if (request.frequencyPenalty !== 0) within('frequency_penalty', 'frequency_penalty', request.frequencyPenalty, 0, 1)
  const stop = (request.stop ?? []).filter((sequence) => sequence !== '')
  if (stop.length > mostStops)
    drop(lost, joinPath('stop', mostStops), `${mostStops} stop sequences are taken; those after them are not sent`)
  if (stop.length > 0) writer.set('stop_sequences', stop.slice(0, mostStops))
  if (request.logprobs?.enabled === true) writer.set('logprobs', true)
  if (request.logprobs?.top !== undefined && request.logprobs.top > 0)
    drop(lost, 'top_logprobs', 'alternatives to a token are not told here')
  writeThinking(writer, request, model, lost)
  reportUnknown(request, lost)
}

/** Models that do not reason, by their names (docs.cohere.com/docs/models). The others take the setting. */
const unreasoning = /^(?:command(?:-light|-nightly|-r.*|-a-\d.*|-a-vision.*|-a-translate.*)?|c4ai-.*|aya-.*)$/

function writeThinking(writer: MemberWriter, { reasoning }: ChatRequest, model: string, lost: Loss[]): void {
  if (reasoning === undefined || Object.keys(reasoning).length === 0) return
  const { effort, budget, mode, display } = reasoning
  // It is shown, which is what `summarized` asks for.
  if (display === 'omitted') drop(lost, 'thinking.display', 'reasoning is always shown here')
  const path = effort === undefined && budget !== undefined ? 'reasoning.budget' : 'reasoning_effort'
  const off = mode === 'disabled' || effort === 'none' || (effort === undefined && budget === 0)
  if (unreasoning.test(model)) {
    if (!off) drop(lost, path, 'the model does not reason')
    return
  }
  writer.set('thinking.type', off ? 'disabled' : 'enabled')
  if (off) return
  const tokens = budget ?? (effort === undefined ? undefined : budgetForEffort(effort))
  if (tokens === undefined) return
  if (budget === undefined) adapt(lost, path, `there are budgets here, no levels of effort: ${tokens} tokens`)
  writer.set('thinking.token_budget', tokens)
}

/** Whether there are any. */
function writeTools(writer: MemberWriter, request: ChatRequest, own: boolean, lost: Loss[]): boolean {
  const { tools = [], toolChoice } = request
  const encoded = tools.flatMap((tool, index) => {
    const json = encodeTool(tool, joinPath('tools', index), lost)
    return json === undefined ? [] : [{ name: tool.name, json }]
  })
  const offered = own ? encoded : chosen(encoded, toolChoice, lost)
  if (offered.length > 0)
    writer.set(
      'tools',
      offered.map(({ json }) => json),
    )
  const strict = writer.note('strictTools')
  if (typeof strict === 'boolean') writer.set('strict_tools', strict)
  if (own) {
    if (toolChoice?.mode === 'none' || toolChoice?.mode === 'required')
      writer.set('tool_choice', toolChoice.mode === 'none' ? 'NONE' : 'REQUIRED')
    return offered.length > 0
  }
  writeStrict(writer, tools, lost)
  const required =
    toolChoice?.mode === 'required' ||
    toolChoice?.mode === 'tool' ||
    (toolChoice?.mode === 'allowed' && toolChoice.required)
  if (offered.length === 0) {
    if (required) drop(lost, 'tool_choice', 'there is no tool to choose')
  } else if (required) writer.set('tool_choice', 'REQUIRED')
  else if (toolChoice?.mode === 'none') writer.set('tool_choice', 'NONE')
  if (request.parallelToolCalls === false && offered.length > 0)
    drop(lost, 'parallel_tool_calls', 'calls at the same time cannot be forbidden here')
  return offered.length > 0
}

type Offered = { readonly name: string; readonly json: JsonValue }

/** A choice among some of the tools is made by offering those alone. */
function chosen(offered: Offered[], toolChoice: ToolChoice | undefined, lost: Loss[]): Offered[] {
  if (toolChoice?.mode !== 'tool' && toolChoice?.mode !== 'allowed') return offered
  const names = toolChoice.mode === 'tool' ? [toolChoice.name] : toolChoice.names
  const some = offered.filter(({ name }) => names.includes(name))
  if (offered.length === 0) return offered
  adapt(lost, 'tool_choice', 'tools cannot be chosen by name here: only those that may be called are offered')
  return some.length > 0 ? some : offered
}

/** Strictness is for all tools or none. */
function writeStrict(writer: MemberWriter, tools: readonly Tool[], lost: Loss[]): void {
  const functions = tools.filter((tool) => tool.type === 'function')
  const strict = functions.filter((tool) => tool.strict === true)
  if (strict.length === 0) return
  writer.set('strict_tools', true)
  if (strict.length < tools.filter((tool) => tool.type !== 'server').length)
    adapt(lost, 'tools', 'strictness is for all tools or none here: all are strict')
}

function encodeTool(tool: Tool, path: string, lost: Loss[]): JsonValue | undefined {
  reportForeignExtra(tool, dialectId, path, lost)
  if (tool.type === 'server') {
    if (tool.origin === dialectId) return tool.value
    return drop(lost, path, `the tool ${tool.name} runs at another provider (${tool.origin}) alone`)
  }
  const writer = new MemberWriter(tool)
  if (!writer.wasAbsent('type') && !writer.wasNull('type')) writer.set('type', 'function')
  writer.set('function.name', tool.name)
  writer.set('function.description', tool.description)
  if (tool.type === 'custom') {
    adapt(lost, path, `tools here take objects: the free text becomes a member named ${textMember}, without a grammar`)
    writer.set('function.parameters', freeTextParameters())
    return writer.finish()
  }
  if (tool.cache !== undefined) drop(lost, joinPath(path, 'cache_control'), 'prompts are cached by themselves here')
  writer.set(
    'function.parameters',
    tool.parameters ?? (writer.form === undefined ? { type: 'object', properties: {} } : undefined),
  )
  return writer.finish()
}

/** `besides` names what rules a format out here. */
function writeFormat(writer: MemberWriter, format: OutputFormat | undefined, besides: string, lost: Loss[]): void {
  if (format === undefined) return
  if (besides !== '' && format.type !== 'text')
    return drop(lost, 'response_format', `the format of the answer cannot be set beside ${besides} here`)
  writer.set('response_format.type', format.type === 'text' ? 'text' : 'json_object')
  if (format.type !== 'json-schema') return
  const spelled = writer.note('schema')
  // A description stands in the schema here.
  const { description, schema } = format
  const described =
    description === undefined || schema['description'] !== undefined ? schema : { ...schema, description }
  writer.set(`response_format.${typeof spelled === 'string' ? spelled : 'json_schema'}`, described)
}

/** Settings that this protocol has no word for. Values that ask for what happens anyway are not missed. */
function reportUnknown(request: ChatRequest, lost: Loss[]): void {
  if ((request.n ?? 1) > 1) drop(lost, 'n', 'there is one answer to a request here')
  if (request.verbosity !== undefined) drop(lost, 'verbosity', 'how wordy the answer is cannot be set here')
  if (request.endUser !== undefined) drop(lost, 'user', 'the end user is not told here')
  if (request.metadata !== undefined && Object.keys(request.metadata).length > 0)
    drop(lost, 'metadata', 'requests carry no metadata here')
  const tier = request.serviceTier
  if (tier !== undefined && tier !== 'auto' && tier !== 'default' && tier !== 'standard_only')
    drop(lost, 'service_tier', `there is no service tier ${tier} here`)
  if (request.modalities?.some((modality) => modality !== 'text') === true)
    drop(lost, 'modalities', 'answers here are text')
}
