/**
 * How a Claude model is asked to think when another protocol's client wants it: `budget_tokens` for Claude up to 4.5 and for other
 * makers' models behind Anthropic's protocol, adaptive thinking with an effort from 4.6 on.
 */
import type { ChatRequest, ReasoningEffort, ReasoningSettings } from '../../../model/chat.ts'
import type { JsonObject } from '../../../model/json.ts'
import type { Loss } from '../../../model/loss.ts'
import { budgetForEffort, effortForBudget } from '../../../model/reasoning-levels.ts'
import type { ModelTraits } from './models.ts'

/** The least that may be asked for, and what is left for the answer beside it. */
const leastBudget = 1024
const answerReserve = 1024

export interface EncodedThinking {
  readonly thinking?: JsonObject
  readonly effort?: string
  /** The limit on all output, thinking included, where thinking needs another than the usual. */
  readonly maxTokens?: number
  /** The model thinks, which restricts sampling. */
  readonly thinks: boolean
}

interface ThinkingContext {
  readonly traits: ModelTraits
  /** The most the model can write, where known. */
  readonly maxOutput: number | undefined
  /** What a request gets that sets no limit. */
  readonly usualLimit: number
  /**
   * The model goes on from a tool call whose thinking is not sent along. A turn that began with thinking must be returned with it while
   * its tools run, and the other way round: with a budget for thinking set, a call to be resumed is refused unless thinking stands
   * before it. Adaptive thinking knows no such rule.
   */
  readonly resumesUnthinking: boolean
  readonly lost: Loss[]
}

/** Thinking as a request of another protocol asks for it, in the form that the model knows. */
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
  if (context.resumesUnthinking) {
    return drop('the model must go on from a tool call whose thinking was not sent along, so it cannot think now')
  }
  return budgeted(request, settings, drop, context)
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
