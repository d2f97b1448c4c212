/**
 * Reasoning as services of this dialect ask for it that have a switch or a budget beside levels of effort: DeepSeek, Moonshot, Z.ai,
 * Alibaba, OpenRouter. Which members they have is told by their provider's offer.
 */
import type { ReasoningSpelling } from '../../kernel/spelling.ts'
import type { ReasoningSettings } from '../../model/chat.ts'
import { adapt, drop } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { effortForBudget } from '../../model/reasoning-levels.ts'
import type { MemberWriter } from './members.ts'

export function writeSpelledReasoning(
  writer: MemberWriter,
  reasoning: ReasoningSettings | undefined,
  spelling: ReasoningSpelling,
  lost: Loss[],
): void {
  if (reasoning === undefined) return
  const { effort, budget, mode, display } = reasoning
  if (display !== undefined) drop(lost, 'thinking.display', 'the service has no choice of how reasoning is shown')
  const off = mode === 'disabled' || effort === 'none'
  const said = effort !== undefined || budget !== undefined || mode !== undefined
  if (!said) return
  if (off) {
    if (spelling.switch !== undefined) writeSwitch(writer, spelling.switch, false)
    else if (effort === 'none' && spelling.effort !== undefined) writer.set(spelling.effort, effort)
    else drop(lost, 'thinking.type', "the service has no switch for reasoning; the model's own default holds")
    return
  }
  const taken = writeAmount(writer, { effort, budget }, spelling, lost)
  if (spelling.switch !== undefined) writeSwitch(writer, spelling.switch, true)
  else if (!taken && mode !== undefined)
    drop(lost, 'thinking.type', "the service has no switch for reasoning; the model's own default holds")
}

function writeSwitch(writer: MemberWriter, member: NonNullable<ReasoningSpelling['switch']>, on: boolean): void {
  writer.set(member, member === 'thinking.type' ? (on ? 'enabled' : 'disabled') : on)
}

/** Whether something of it was written. Services refuse an effort beside a budget, so the exacter of the two is sent. */
function writeAmount(
  writer: MemberWriter,
  { effort, budget }: { readonly effort: ReasoningSettings['effort'] | undefined; readonly budget: number | undefined },
  spelling: ReasoningSpelling,
  lost: Loss[],
): boolean {
  if (budget !== undefined && spelling.budget !== undefined) {
    writer.set(spelling.budget, budget)
    if (effort !== undefined)
      drop(lost, 'reasoning_effort', 'the service takes an effort or a budget; the budget is sent')
    return true
  }
  if (effort !== undefined && spelling.effort !== undefined) {
    writer.set(spelling.effort, effort)
    if (budget !== undefined)
      drop(lost, 'thinking.budget_tokens', 'the service has levels of effort, no budgets; the effort is sent')
    return true
  }
  if (budget !== undefined && spelling.effort !== undefined) {
    const level = effortForBudget(budget)
    writer.set(spelling.effort, level)
    adapt(lost, 'thinking.budget_tokens', `the service has levels of effort, no budgets; "${level}" is sent`)
    return true
  }
  if (effort !== undefined) drop(lost, 'reasoning_effort', 'the service has no levels of effort')
  if (budget !== undefined) drop(lost, 'thinking.budget_tokens', 'the service has no budget for reasoning')
  return false
}
