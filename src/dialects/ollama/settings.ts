/**
 * The settings that both kinds of request have: streaming, which is on unless switched off, the format of the answer, thinking, log
 * probabilities, and `options`, of which those with a counterpart elsewhere are modelled. https://docs.ollama.com/modelfile
 */
import { defined } from '../../kernel/codec/defined.ts'
import type { MemberReader } from '../../kernel/codec/member-reader.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { readStop, spelledStop } from '../../kernel/codec/stop-member.ts'
import type { ChatRequest, OutputFormat, ReasoningSettings } from '../../model/chat.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt, drop } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { effortForBudget } from '../../model/reasoning-levels.ts'
import type { Kind } from './kind.ts'
import { isOwn } from './kind.ts'

type Settings = Omit<ChatRequest, 'model' | 'messages' | 'form' | 'extra'>

export function decodeSettings(reader: MemberReader): Settings {
  const stream = reader.boolean('stream')
  if (!reader.has('stream')) reader.noteAbsent('stream')
  const options = reader.nested('options')
  return {
    stream: stream ?? true,
    ...defined({
      format: decodeFormat(reader),
      reasoning: decodeThink(reader),
      logprobs: decodeLogprobSettings(reader),
      ...(options !== undefined && {
        maxOutputTokens: decodeLimit(options),
        temperature: options.number('temperature'),
        topK: options.number('top_k'),
        topP: options.number('top_p'),
        seed: options.number('seed'),
        stop: readStop(options),
        presencePenalty: options.number('presence_penalty'),
        frequencyPenalty: options.number('frequency_penalty'),
      }),
    }),
  }
}

/** -1 stands for no limit and -2 for as much as fits; neither is a number of tokens. */
export function isLimit(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0
}

function decodeLimit(options: MemberReader): number | undefined {
  return isLimit(options.peek('num_predict')) ? options.number('num_predict') : undefined
}

/** `json`, or a schema; older clients write an empty text for none. */
function decodeFormat(reader: MemberReader): OutputFormat | undefined {
  const value = reader.peek('format')
  if (value === 'json') {
    reader.take('format')
    return { type: 'json' }
  }
  if (value === '') {
    reader.take('format')
    reader.note('blankFormat', true)
    return undefined
  }
  if (typeof value === 'string') return undefined
  const schema = reader.take('format')
  if (schema === undefined) return undefined
  if (!isJsonObject(schema)) throw wrongType(reader.at('format'), '"json" or a JSON Schema', schema)
  return { type: 'json-schema', schema }
}

const levels: ReadonlySet<JsonValue | undefined> = new Set<JsonValue>(['low', 'medium', 'high', 'max'])

/** On, off, or how much, for models that know levels. Any other word stays what it is. */
function decodeThink(reader: MemberReader): ReasoningSettings | undefined {
  const value = reader.peek('think')
  if (typeof value === 'string' && !levels.has(value)) return undefined
  const think = reader.take('think')
  if (think === undefined) return undefined
  if (typeof think === 'boolean') return { mode: think ? 'enabled' : 'disabled' }
  if (typeof think !== 'string') throw wrongType(reader.at('think'), 'true, false or a level', think)
  return { effort: think as 'low' | 'medium' | 'high' | 'max' }
}

function decodeLogprobSettings(reader: MemberReader): ChatRequest['logprobs'] {
  const enabled = reader.boolean('logprobs')
  const top = reader.integer('top_logprobs', 0)
  if (enabled === undefined && top === undefined) return undefined
  if (enabled === undefined && !reader.has('logprobs')) reader.noteAbsent('logprobs')
  return { enabled: enabled ?? false, ...(top !== undefined && { top }) }
}

export function writeSettings(writer: MemberWriter, request: ChatRequest, kind: Kind, lost: Loss[]): void {
  if (!(writer.wasAbsent('stream') || writer.wasNull('stream')) || !request.stream) writer.set('stream', request.stream)
  writer.set('options.num_predict', request.maxOutputTokens)
  writer.set('options.temperature', request.temperature)
  writer.set('options.top_k', request.topK)
  writer.set('options.top_p', request.topP)
  writer.set('options.seed', request.seed)
  writer.set('options.presence_penalty', request.presencePenalty)
  writer.set('options.frequency_penalty', request.frequencyPenalty)
  const { stop = [] } = request
  if (stop.length > 0) writer.set('options.stop', spelledStop(writer, stop))
  writeFormat(writer, request.format, kind, lost)
  writeThink(writer, request.reasoning, kind, lost)
  writeLogprobs(writer, request, kind, lost)
  reportUnsaid(request, kind, lost)
}

function writeFormat(writer: MemberWriter, format: OutputFormat | undefined, { id }: Kind, lost: Loss[]): void {
  if (writer.note('blankFormat') === true) writer.set('format', '')
  if (format === undefined || format.type === 'text') return
  if (format.type === 'json') return writer.set('format', 'json')
  // Its name is a label, and the schema always holds: `strict` says nothing more.
  const described = format.description === undefined || format.schema['description'] !== undefined
  writer.set('format', described ? format.schema : { ...format.schema, description: format.description })
  if (!described) adapt(lost, 'response_format', `${id} takes a schema alone; the description is put into it`)
}

function writeThink(writer: MemberWriter, reasoning: ReasoningSettings | undefined, kind: Kind, lost: Loss[]): void {
  if (reasoning === undefined) return
  const { effort, budget, mode, display } = reasoning
  const { id } = kind
  // It is shown, which is what `summarized` asks for.
  if (display === 'omitted') drop(lost, 'thinking.display', `${id} shows whatever the model thinks`)
  if (budget !== undefined && budget > 0)
    adapt(lost, 'thinking.budget_tokens', `${id} has no budgets for thinking; it is told how much in a word`)
  if (mode === 'disabled' || effort === 'none') return writer.set('think', false)
  const level = effort ?? (budget === undefined ? undefined : effortForBudget(budget))
  if (level === 'none') return writer.set('think', false)
  // Models that can think do so by themselves, which is all that `adaptive` asks for.
  if (level === undefined) return mode === 'enabled' ? writer.set('think', true) : undefined
  // Older servers refuse `max`, so it is sent where it was asked for by name alone.
  const known =
    levels.has(level) && (level !== 'max' || effort === 'max') ? level : level === 'minimal' ? 'low' : 'high'
  if (known !== level && effort !== undefined)
    adapt(lost, 'reasoning_effort', `${id} has no level ${level} of thinking; "${known}" is sent`)
  writer.set('think', known)
}

/** Ollama's limit. */
const maxLogprobs = 20

function writeLogprobs(writer: MemberWriter, request: ChatRequest, kind: Kind, lost: Loss[]): void {
  const { logprobs } = request
  if (logprobs === undefined) return
  const own = isOwn(request, kind)
  if (!writer.wasAbsent('logprobs') && !(writer.wasNull('logprobs') && !logprobs.enabled) && (own || logprobs.enabled))
    writer.set('logprobs', logprobs.enabled)
  if (own) return writer.set('top_logprobs', logprobs.top)
  if (!logprobs.enabled || logprobs.top === undefined) return
  if (logprobs.top > maxLogprobs)
    adapt(lost, 'top_logprobs', `${kind.id} tells ${maxLogprobs} alternatives to a token at most`)
  writer.set('top_logprobs', Math.min(logprobs.top, maxLogprobs))
}

function reportUnsaid(request: ChatRequest, { id }: Kind, lost: Loss[]): void {
  const { n = 1, verbosity, endUser, metadata, serviceTier, modalities } = request
  if (n > 1) drop(lost, 'n', `${id} gives one answer to a request`)
  if (verbosity !== undefined) drop(lost, 'verbosity', `${id} has no verbosity`)
  if (endUser !== undefined) drop(lost, 'user', `${id} takes no id of a user`)
  if (metadata !== undefined) drop(lost, 'metadata', `${id} has no metadata`)
  if (serviceTier !== undefined) drop(lost, 'service_tier', `${id} has no service tiers`)
  if (modalities?.some((modality) => modality !== 'text') === true)
    drop(lost, 'modalities', `${id} answers with text alone`)
}
