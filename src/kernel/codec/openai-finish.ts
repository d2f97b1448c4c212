/** Why a choice ended: OpenAI's words, and those of services that add their own. */
import type { Finish, FinishReason } from '../../model/finish.ts'
import { adapt, drop, joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'

export interface OpenaiFinishCodec {
  /**
   * An answer that calls a tool it was forced to call says `stop`, and so do some services for any call: `calls` tells it apart, for
   * the protocols where a client acts on the reason.
   */
  decode(word: string, calls?: boolean): Finish
  /** The word for `finish`; `path` is the choice's. */
  encode(finish: Finish, path: string, lost: Loss[]): string
}

/** `tools`: the protocol has calls of tools, and a word for an answer that ends with them. */
export function openaiFinishCodec(dialectId: string, { tools }: { readonly tools: boolean }): OpenaiFinishCodec {
  return {
    decode: (word, calls = false) => decodeFinish(word, calls, dialectId),
    encode: (finish, path, lost) => encodeFinish(finish, { dialectId, tools, path }, lost),
  }
}

const reasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  eos: 'stop',
  length: 'length',
  max_tokens: 'length',
  // Mistral's word for the end of the context.
  model_length: 'context-window',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  error: 'error',
  // DeepSeek, when it breaks off for want of resources.
  insufficient_system_resource: 'error',
}

function decodeFinish(word: string, calls: boolean, dialectId: string): Finish {
  const reason = (Object.hasOwn(reasons, word) ? reasons[word] : undefined) ?? 'other'
  return { reason: calls && reason === 'stop' ? 'tool-calls' : reason, raw: word, origin: dialectId }
}

const words: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'context-window': 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  refusal: 'content_filter',
  pause: 'stop',
  error: 'stop',
  other: 'stop',
}

const inexact: ReadonlySet<FinishReason> = new Set<FinishReason>([
  'pause',
  'error',
  'other',
  'context-window',
  'refusal',
])

interface FinishPlace {
  readonly dialectId: string
  readonly tools: boolean
  readonly path: string
}

function encodeFinish(finish: Finish, { dialectId, tools, path }: FinishPlace, lost: Loss[]): string {
  if (finish.origin === dialectId && finish.raw !== undefined) return finish.raw
  const unsaid = finish.reason === 'tool-calls' && !tools
  const word = unsaid ? words.stop : words[finish.reason]
  if (unsaid || inexact.has(finish.reason))
    adapt(
      lost,
      joinPath(path, 'finish_reason'),
      `${dialectId} has no finish reason ${finish.raw ?? finish.reason}; "${word}" is told`,
    )
  if (finish.sequence !== undefined)
    drop(lost, joinPath(path, 'stop_sequence'), `${dialectId} does not tell which stop sequence was met`)
  if (finish.details !== undefined)
    drop(lost, joinPath(path, 'stop_details'), `${dialectId} has no details of why an answer ended`)
  return word
}
