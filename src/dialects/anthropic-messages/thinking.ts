/**
 * Thinking and effort, both ways. A request of this dialect keeps its own words. One of another dialect gets the form that the model
 * knows: `budget_tokens` for Claude up to 4.5 and for other makers' models, adaptive thinking with an effort from 4.6 on.
 */
import type { ChatRequest, ReasoningEffort, ReasoningSettings } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject, unknownMembers } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { budgetForEffort, effortForBudget } from '../../model/reasoning-levels.ts'
import type { ModelTraits } from './claude-models.ts'
import { optional, readCount, readObject, readString } from './reading.ts'

/** The least that may be asked for, and what is left for the answer beside it. */
const leastBudget = 1024
const answerReserve = 1024

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

export interface EncodedThinking {
  readonly thinking?: JsonObject
  readonly effort?: string
  /** The limit on all output, thinking included, where thinking needs another than the usual. */
  readonly maxTokens?: number
  /** The model thinks, which restricts sampling. */
  readonly thinks: boolean
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

interface ThinkingContext {
  readonly traits: ModelTraits
  /** The most the model can write, where known. */
  readonly maxOutput: number | undefined
  /** What a request gets that sets no limit. */
  readonly usualLimit: number
  /** The conversation as it will be sent. */
  readonly messages: readonly JsonObject[]
  readonly lost: Loss[]
}

export function encodeForeignThinking(request: ChatRequest, context: ThinkingContext): EncodedThinking {
  const settings = request.reasoning
  if (settings === undefined || Object.keys(settings).length === 0) return { thinks: false }
  const { mode, effort, budget } = settings
  const off = mode === 'disabled' || effort === 'none' || (mode === undefined && effort === undefined && budget === 0)
  if (off) return withoutThinking(settings, context)
  const { traits, lost } = context
  const drop = (reason: string): EncodedThinking => {
    lost.push({ path: pathOf(settings), kind: 'dropped', reason })
    return { thinks: false }
  }
  if (traits.thinking === 'none') return drop('the model does not think before it answers')
  const forced = isForced(request)
  if (traits.thinking === 'adaptive') return adaptive(settings, forced, context)
  if (forced) return drop('the model cannot think when it is made to call a tool')
  if (resumesWithoutThinking(context.messages)) {
    return drop('the model must go on from a tool call whose thinking was not sent along, so it cannot think now')
  }
  return budgeted(request, settings, drop, context)
}

/**
 * A turn that began with thinking must be returned with it while its tools run, and the other way round: with a budget for thinking
 * set, a call to be resumed is refused unless thinking stands before it. Adaptive thinking knows no such rule.
 */
function resumesWithoutThinking(messages: readonly JsonObject[]): boolean {
  const first = (message: JsonObject | undefined): string => {
    const content = message?.['content']
    const block = Array.isArray(content) ? content[0] : undefined
    return isJsonObject(block) && typeof block['type'] === 'string' ? block['type'] : ''
  }
  return first(messages.at(-1)) === 'tool_result' && !first(messages.at(-2)).endsWith('thinking')
}

/** Names the setting as clients know it. */
function pathOf({ effort, budget }: ReasoningSettings): string {
  return effort === undefined && budget !== undefined ? 'reasoning.budget' : 'reasoning_effort'
}

function isForced({ toolChoice, tools }: ChatRequest): boolean {
  if (tools === undefined || toolChoice === undefined) return false
  return (
    toolChoice.mode === 'required' ||
    toolChoice.mode === 'tool' ||
    (toolChoice.mode === 'allowed' && toolChoice.required)
  )
}

function withoutThinking(settings: ReasoningSettings, { traits, lost }: ThinkingContext): EncodedThinking {
  if (traits.thinksByDefault === 'no') return { thinks: false }
  if (traits.thinksByDefault === 'yes') return { thinking: { type: 'disabled' }, thinks: false }
  lost.push({
    path: pathOf(settings),
    kind: 'adapted',
    reason: 'the model always thinks: it is asked for the least effort',
  })
  return { effort: 'low', thinks: true }
}

function adaptive(settings: ReasoningSettings, forced: boolean, { traits, lost }: ThinkingContext): EncodedThinking {
  const { budget, display } = settings
  if (settings.effort === undefined && budget !== undefined) {
    lost.push({ path: 'reasoning.budget', kind: 'adapted', reason: 'the model takes an effort in place of a budget' })
  } else if (budget !== undefined) {
    lost.push({ path: 'reasoning.budget', kind: 'dropped', reason: 'the model takes an effort, which was also given' })
  }
  const wanted = settings.effort ?? (budget === undefined ? undefined : effortForBudget(budget))
  const effort = wanted === undefined || wanted === 'none' ? undefined : levelFor(wanted, traits)
  if (effort !== undefined && settings.effort !== undefined && effort !== settings.effort) {
    lost.push({
      path: 'reasoning_effort',
      kind: 'adapted',
      reason: `the model does not know ${settings.effort}: it is asked for ${effort}`,
    })
  }
  // Thinking cannot be asked for together with a call that the model must make; an effort can.
  if (forced) return { ...(effort !== undefined && { effort }), thinks: false }
  return { thinking: { type: 'adaptive', ...shown(display) }, ...(effort !== undefined && { effort }), thinks: true }
}

function levelFor(effort: ReasoningEffort, traits: ModelTraits): ReasoningEffort {
  if (effort === 'minimal') return 'low'
  return effort === 'xhigh' && !traits.xhigh ? 'high' : effort
}

function shown(display: string | undefined): Record<string, string> {
  return display === 'summarized' || display === 'omitted' ? { display } : {}
}

function budgeted(
  request: ChatRequest,
  settings: ReasoningSettings,
  drop: (reason: string) => EncodedThinking,
  { maxOutput, usualLimit, lost }: ThinkingContext,
): EncodedThinking {
  const wanted = Math.max(leastBudget, settings.budget ?? budgetForEffort(settings.effort ?? 'medium'))
  // A limit that the client set counts thinking too, in its protocol as in this one: it is kept, and the budget made to fit.
  const limit = request.maxOutputTokens ?? maxOutput ?? usualLimit + wanted
  const budget = Math.min(wanted, Math.max(leastBudget, limit - answerReserve))
  if (budget >= limit)
    return drop(`thinking takes ${leastBudget} tokens at least, and the limit on the output leaves no room for them`)
  if (budget < wanted) {
    lost.push({
      path: pathOf(settings),
      kind: 'adapted',
      reason: `the budget for thinking is ${budget} tokens, to fit the limit on the output`,
    })
  }
  return {
    thinking: { type: 'enabled', budget_tokens: budget, ...shown(settings.display) },
    maxTokens: limit,
    thinks: true,
  }
}
