/** What an answer, or the last line of a stream, tells besides what was said: when it was made, why it ended, and what it took. */
import { isDeepStrictEqual } from 'node:util'
import type { MemberReader } from '../../kernel/codec/member-reader.ts'
import { decodeTokenLogprobs } from '../../kernel/codec/token-logprobs.ts'
import type { TokenLogprob } from '../../model/chat.ts'
import type { Finish, FinishReason } from '../../model/finish.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { adapt, drop, joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Usage } from '../../model/usage.ts'
import type { Kind } from './kind.ts'

/** Unix seconds of a time with up to nine digits of a second; undefined for what is no time. */
export function secondsOf(createdAt: JsonValue | undefined): number | undefined {
  const time = typeof createdAt === 'string' ? Date.parse(createdAt) : Number.NaN
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000)
}

/**
 * Answers have no ids, but clients of other protocols tell answers apart by them: so the time becomes one, which is exact to the
 * nanosecond. Empty without a time.
 */
export function idOf(createdAt: JsonValue | undefined): string {
  return secondsOf(createdAt) === undefined ? '' : `ollama-${digitsOf(createdAt)}`
}

/** Of a call that came without one: unlike the ids of other turns of a conversation. */
export function callIdOf(createdAt: JsonValue | undefined, index: number): string {
  return `call_${digitsOf(createdAt)}_${index}`
}

const digitsOf = (createdAt: JsonValue | undefined): string =>
  typeof createdAt === 'string' ? createdAt.replaceAll(/\D/g, '') : ''

/** The time of an answer, which clients want to be told: as it was spelled, unless it is another one by now. */
export function createdAt(created: number | undefined, spelled: JsonValue | undefined): string {
  if (typeof spelled === 'string' && secondsOf(spelled) === created) return spelled
  const time = new Date((created ?? 0) * 1000)
  return (Number.isNaN(time.getTime()) ? new Date(0) : time).toISOString()
}

/** All of them; the durations are in nanoseconds. https://docs.ollama.com/api/usage */
export const usageMembers = [
  'total_duration',
  'load_duration',
  'prompt_eval_count',
  'prompt_eval_cached_count',
  'prompt_eval_duration',
  'eval_count',
  'eval_duration',
] as const

/** Undefined where no tokens are counted: then durations alone say nothing of usage. */
export function decodeUsage(member: (key: string) => unknown, { id }: Kind): Usage | undefined {
  const count = (key: string): number | undefined => {
    const value = member(key)
    return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
  }
  const input = count('prompt_eval_count')
  const output = count('eval_count')
  if (input === undefined && output === undefined) return undefined
  const raw: JsonObject = {}
  for (const key of usageMembers) {
    const value = (member(key) ?? undefined) as JsonValue | undefined
    if (value !== undefined) raw[key] = value
  }
  const cacheRead = count('prompt_eval_cached_count')
  return {
    input: { total: input ?? 0, ...(cacheRead !== undefined && { cacheRead }) },
    output: { total: output ?? 0 },
    raw: { [id]: raw },
  }
}

/**
 * Of another's answer the counts alone: clients compute rates from durations, and none is better than a wrong one. All of Ollama's
 * clients take them for optional.
 */
export function encodeUsage(usage: Usage, { id }: Kind, lost: Loss[]): JsonObject {
  const raw = usage.raw?.[id]
  if (raw !== undefined) return raw
  const { input, output } = usage
  const shares = [input.cacheWrite, input.audio, input.image, output.reasoning, output.audio, output.image]
  const tools = Object.values(usage.serverTools ?? {})
  if ([...shares, ...tools].some((share) => share !== undefined && share > 0))
    drop(lost, 'usage', `${id} counts tokens read, cached and written, and nothing more of usage`)
  return {
    prompt_eval_count: input.total,
    ...(input.cacheRead !== undefined && { prompt_eval_cached_count: input.cacheRead }),
    eval_count: output.total,
  }
}

const reasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  // Nothing was asked but to load the model, or to unload it.
  load: 'stop',
  unload: 'stop',
}

/** Answers that call tools say `stop`, and those of older servers nothing. */
export function decodeFinish(word: string | undefined, calls: boolean, { id }: Kind): Finish {
  const reason = word === undefined ? 'stop' : ((Object.hasOwn(reasons, word) ? reasons[word] : undefined) ?? 'other')
  return {
    reason: calls && reason === 'stop' ? 'tool-calls' : reason,
    ...(word !== undefined && { raw: word }),
    origin: id,
  }
}

const words: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'context-window': 'length',
  'tool-calls': 'stop',
  'content-filter': 'stop',
  refusal: 'stop',
  pause: 'stop',
  error: 'stop',
  other: 'stop',
}

const inexact: ReadonlySet<FinishReason> = new Set<FinishReason>([
  'content-filter',
  'refusal',
  'pause',
  'error',
  'other',
  'context-window',
])

/** The word for `finish`; undefined where an answer of this dialect had none. */
export function encodeFinish(finish: Finish, { id }: Kind, lost: Loss[]): string | undefined {
  if (finish.origin === id) return finish.raw
  const word = words[finish.reason]
  if (inexact.has(finish.reason))
    adapt(lost, 'done_reason', `${id} has no reason ${finish.raw ?? finish.reason} to be done; "${word}" is told`)
  if (finish.sequence !== undefined) drop(lost, 'stop_sequence', `${id} does not tell which stop sequence was met`)
  if (finish.details !== undefined) drop(lost, 'stop_details', `${id} has no details of why an answer ended`)
  return word
}

/** Takes the probabilities, and remembers their spelling where it is another than `encodeLogprobs` writes. */
export function readLogprobs(reader: MemberReader): TokenLogprob[] | undefined {
  const spelled = reader.peek('logprobs')
  const logprobs = decodeTokenLogprobs(spelled)
  if (logprobs === undefined || logprobs.length === 0) {
    if (spelled === null || logprobs !== undefined) reader.list('logprobs')
    return undefined
  }
  reader.take('logprobs')
  if (spelled !== undefined && !isDeepStrictEqual(encodeLogprobs(logprobs), spelled)) reader.note('logprobs', spelled)
  return logprobs
}

export function spelledLogprobs(logprobs: readonly TokenLogprob[], spelled: JsonValue | undefined): JsonValue {
  return isDeepStrictEqual(decodeTokenLogprobs(spelled), logprobs) && spelled !== undefined
    ? spelled
    : encodeLogprobs(logprobs)
}

/** Members without a value are left out, as Ollama does. */
export function encodeLogprobs(logprobs: readonly TokenLogprob[]): JsonValue[] {
  const one = ({ token, logprob, bytes }: Omit<TokenLogprob, 'top'>): JsonObject => ({
    token,
    logprob,
    ...(bytes !== undefined && bytes !== null && bytes.length > 0 && { bytes: [...bytes] }),
  })
  return logprobs.map((token) => ({
    ...one(token),
    ...(token.top !== undefined && token.top.length > 0 && { top_logprobs: token.top.map(one) }),
  }))
}

export function reportRefusalLogprobs(choice: number, { id }: Kind, lost: Loss[]): void {
  drop(lost, joinPath(joinPath('choices', choice), 'logprobs.refusal'), `${id} has no log probabilities of a refusal`)
}
