/** Thinking and effort in this protocol's own words, both ways. What the model knows of another's is told by `kernel/codec/claude`. */
import type { EncodedThinking } from '../../kernel/codec/claude/thinking.ts'
import type { ReasoningEffort, ReasoningSettings } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject, unknownMembers } from '../../model/json.ts'
import { optional, readCount, readObject, readString } from './reading.ts'

const members: Readonly<Record<string, ReadonlySet<string>>> = {
  enabled: new Set(['type', 'budget_tokens', 'display']),
  disabled: new Set(['type']),
  adaptive: new Set(['type', 'display']),
}

/** `rest` is what has no place in the settings: all of it, for a kind of thinking that is not known. */
export function decodeThinking(value: JsonValue | undefined): {
  settings: ReasoningSettings
  rest?: JsonObject | undefined
} {
  const thinking = optional(value, 'thinking', readObject)
  if (thinking === undefined) return { settings: {} }
  const type = readString(thinking['type'], 'thinking.type')
  if (type !== 'enabled' && type !== 'disabled' && type !== 'adaptive') return { settings: {}, rest: thinking }
  const display = type === 'disabled' ? undefined : optional(thinking['display'], 'thinking.display', readString)
  const rest = unknownMembers(thinking, members[type] ?? new Set())
  return {
    settings: {
      mode: type,
      ...(type === 'enabled' && { budget: readCount(thinking['budget_tokens'], 'thinking.budget_tokens') }),
      ...(display !== undefined && { display }),
    },
    rest: thinking['display'] === null && type !== 'disabled' ? { ...rest, display: null } : rest,
  }
}

const efforts: readonly string[] = ['low', 'medium', 'high', 'xhigh', 'max'] satisfies ReasoningEffort[]

/** Undefined for a word that is not a level: it is then carried along. */
export function effortOf(value: JsonValue | undefined): ReasoningEffort | undefined {
  return efforts.includes(value as string) ? (value as ReasoningEffort) : undefined
}

export function encodeOwnThinking(settings: ReasoningSettings): EncodedThinking {
  const { mode, budget, display, effort } = settings
  return {
    ...(mode !== undefined && {
      thinking: {
        type: mode,
        ...(mode === 'enabled' && budget !== undefined && { budget_tokens: budget }),
        ...(display !== undefined && { display }),
      },
    }),
    ...(effort !== undefined && { effort }),
    thinks: mode === 'enabled' || mode === 'adaptive',
  }
}

/** Whether the conversation as it will be sent ends with results of a call that no thinking stands before. */
export function resumesUnthinking(messages: readonly JsonObject[]): boolean {
  const first = (message: JsonObject | undefined): string => {
    const content = message?.['content']
    const block = Array.isArray(content) ? content[0] : undefined
    return isJsonObject(block) && typeof block['type'] === 'string' ? block['type'] : ''
  }
  return first(messages.at(-1)) === 'tool_result' && !first(messages.at(-2)).endsWith('thinking')
}
