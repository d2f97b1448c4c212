/**
 * How much a model thinks, both ways. A request of this dialect keeps its own words; one of another gets a level or a budget, which
 * ever the model knows, and is shown the thoughts as its own protocol would. https://ai.google.dev/gemini-api/docs/thinking
 */
import type { MemberReader as KernelReader } from '../../kernel/codec/member-reader.ts'
import type { ReasoningEffort, ReasoningSettings } from '../../model/chat.ts'
import type { Loss } from '../../model/loss.ts'
import { budgetForEffort, effortForBudget } from '../../model/reasoning-levels.ts'
import type { Thinking, ThinkingLevel } from './gemini-models.ts'
import { adapt, drop } from './losses.ts'
import type { MemberReader, MemberWriter } from './members.ts'

const config = 'generationConfig.thinkingConfig'
/** The model decides how much to think. */
const dynamic = -1

const efforts: Readonly<Record<ThinkingLevel, ReasoningEffort>> = {
  MINIMAL: 'minimal',
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
}

function isLevel(word: string): word is ThinkingLevel {
  return Object.hasOwn(efforts, word)
}

export function decodeThinking(reader: MemberReader, generation: KernelReader): ReasoningSettings | undefined {
  const thinking = generation.nested('thinkingConfig')
  if (thinking === undefined) return undefined
  const budget = thinking.number('thinkingBudget')
  if (budget === dynamic) reader.note('dynamic', true)
  const word = thinking.peek('thinkingLevel')
  const level = typeof word === 'string' ? word.toUpperCase() : ''
  // Levels that are not known yet are carried along.
  const effort = isLevel(level) ? efforts[level] : undefined
  if (effort !== undefined && typeof word === 'string') reader.note('level', thinking.string('thinkingLevel') ?? word)
  const shown = thinking.boolean('includeThoughts')
  const mode = budget === dynamic ? 'adaptive' : budget === 0 ? 'disabled' : undefined
  const settings: ReasoningSettings = {
    ...(effort !== undefined && { effort }),
    ...(budget !== undefined && budget >= 0 && { budget }),
    ...(mode !== undefined && { mode }),
    ...(shown !== undefined && { display: shown ? 'summarized' : 'omitted' }),
  }
  return Object.keys(settings).length === 0 ? undefined : settings
}

export function writeOwnThinking(writer: MemberWriter, settings: ReasoningSettings): void {
  const { budget, effort, display } = settings
  writer.set(`${config}.thinkingBudget`, writer.note('dynamic') === true ? dynamic : budget)
  const level = writer.note('level')
  const spelled = typeof level === 'string' && isLevel(level.toUpperCase()) ? level : undefined
  writer.set(`${config}.thinkingLevel`, effort === undefined ? undefined : (spelled ?? effort.toUpperCase()))
  if (display !== undefined) writer.set(`${config}.includeThoughts`, display !== 'omitted')
}

export function writeForeignThinking(
  writer: MemberWriter,
  settings: ReasoningSettings,
  thinking: Thinking,
  lost: Loss[],
): void {
  if (Object.keys(settings).length === 0) return
  const { mode, effort, budget, display } = settings
  const off = mode === 'disabled' || effort === 'none' || (mode === undefined && effort === undefined && budget === 0)
  if (thinking.by === 'none') {
    if (!off) drop(lost, pathOf(settings), 'the model does not think before it answers')
    return
  }
  if (thinking.by === 'level') writeLevel(writer, settings, off, thinking.levels, lost)
  else writeBudget(writer, settings, off, thinking, lost)
  if (!off) writer.set(`${config}.includeThoughts`, display !== 'omitted')
}

/** Names the setting as clients know it. */
function pathOf({ effort, budget }: ReasoningSettings): string {
  return effort === undefined && budget !== undefined ? 'reasoning.budget' : 'reasoning_effort'
}

function writeLevel(
  writer: MemberWriter,
  settings: ReasoningSettings,
  off: boolean,
  levels: readonly [ThinkingLevel, ...ThinkingLevel[]],
  lost: Loss[],
): void {
  const { effort, budget } = settings
  if (off) {
    adapt(lost, pathOf(settings), `the model always thinks: it is asked for the least, ${levels[0]}`)
    writer.set(`${config}.thinkingLevel`, levels[0])
    return
  }
  if (budget !== undefined) {
    if (effort === undefined)
      adapt(lost, 'reasoning.budget', 'the model takes a level of thinking in place of a budget')
    else drop(lost, 'reasoning.budget', 'the model takes a level of thinking, which was also given')
  }
  const wanted = effort ?? (budget === undefined ? undefined : effortForBudget(budget))
  if (wanted === undefined) return
  const level = levelFor(wanted, levels)
  if (effort !== undefined && efforts[level] !== effort)
    adapt(lost, 'reasoning_effort', `the model does not know ${effort}: it is asked for ${level}`)
  writer.set(`${config}.thinkingLevel`, level)
}

/** The level itself, or the next one up that the model has. */
function levelFor(effort: ReasoningEffort, levels: readonly [ThinkingLevel, ...ThinkingLevel[]]): ThinkingLevel {
  const size = budgetForEffort(effort)
  return levels.find((level) => budgetForEffort(efforts[level]) >= size) ?? levels.at(-1) ?? levels[0]
}

function writeBudget(
  writer: MemberWriter,
  settings: ReasoningSettings,
  off: boolean,
  thinking: Extract<Thinking, { by: 'budget' }>,
  lost: Loss[],
): void {
  const { least, most } = thinking
  if (off) {
    if (!thinking.off)
      adapt(lost, pathOf(settings), `the model always thinks: it is asked for the least, ${least} tokens`)
    writer.set(`${config}.thinkingBudget`, thinking.off ? 0 : least)
    return
  }
  const { mode, effort } = settings
  const wanted = settings.budget ?? (effort === undefined ? undefined : budgetForEffort(effort))
  if (wanted === undefined) {
    if (mode === 'adaptive') writer.set(`${config}.thinkingBudget`, dynamic)
    return
  }
  const budget = Math.min(most, Math.max(least, wanted))
  if (budget !== wanted)
    adapt(lost, pathOf(settings), `the model thinks ${least} to ${most} tokens: it is asked for ${budget}`)
  writer.set(`${config}.thinkingBudget`, budget)
}
