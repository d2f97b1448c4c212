/** Writes the settings of a request: for the provider that is asked, and again into the answer, which repeats them. */
import type { ChatRequest, ReasoningSettings } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { effortForBudget } from '../../model/reasoning-levels.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { shortUserId } from './ids.ts'
import { adapt, drop } from './losses.ts'
import type { MemberWriter } from './members.ts'
import { quietMembers } from './request-decode.ts'
import { writeFormat } from './text-format.ts'
import { writeToolChoice } from './tool-choice.ts'
import { encodeTools } from './tools.ts'

/** The least that OpenAI lets an answer be limited to. */
const leastOutput = 16

const serviceTiers: ReadonlySet<string> = new Set(['auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast'])

export function writeSettings(writer: MemberWriter, request: ChatRequest, lost: Loss[]): void {
  const own = isOwn(request)
  const tools = encodeTools(request.tools ?? [], lost)
  writeLimit(writer, request, own, lost)
  writer.set('temperature', request.temperature)
  writer.set('top_p', request.topP)
  // Refused where nothing is told of it.
  if (own || request.logprobs?.enabled === true) writer.set('top_logprobs', request.logprobs?.top)
  if (tools.length > 0) writer.set('tools', tools)
  writeToolChoice(writer, request, own || tools.length > 0, lost)
  // OpenAI refuses the setting without tools.
  if (own || tools.length > 0) writer.set('parallel_tool_calls', request.parallelToolCalls)
  if (request.format !== undefined) writeFormat(writer, request.format, own)
  writer.set('text.verbosity', request.verbosity)
  if (request.reasoning !== undefined) writeReasoning(writer, request.reasoning, own, lost)
  writeEndUser(writer, request.endUser, own, lost)
  writer.set('metadata', request.metadata === undefined ? undefined : { ...request.metadata })
  writeTier(writer, request.serviceTier, own, lost)
  const quiet = writer.note('quiet')
  if (isJsonObject(quiet)) for (const key of [...quietMembers, 'truncation']) writer.set(key, quiet[key])
}

function writeLimit(writer: MemberWriter, { maxOutputTokens: limit }: ChatRequest, own: boolean, lost: Loss[]): void {
  if (limit === undefined || own || limit >= leastOutput) return writer.set('max_output_tokens', limit)
  writer.set('max_output_tokens', leastOutput)
  adapt(lost, 'max_tokens', `${dialectId} takes no limit below ${leastOutput}; that is sent`)
}

/** Levels of effort are all there is; models that do not reason refuse them, so none is made up. */
function writeReasoning(writer: MemberWriter, settings: ReasoningSettings, own: boolean, lost: Loss[]): void {
  const { effort, budget, mode, display } = settings
  if (own) {
    writer.set('reasoning.effort', effort)
    writer.set('reasoning.summary', display === undefined ? undefined : (writer.note('summary') ?? 'auto'))
    return
  }
  if (display === 'summarized') writer.set('reasoning.summary', 'auto')
  else if (display !== undefined && display !== 'omitted')
    drop(lost, 'thinking.display', `${dialectId} shows summaries of reasoning or nothing of it`)
  if (effort !== undefined) {
    writer.set('reasoning.effort', effort)
    if (budget !== undefined)
      drop(lost, 'thinking.budget_tokens', `${dialectId} has levels of effort, no budgets; the effort is sent`)
  } else if (mode === 'disabled')
    drop(
      lost,
      'thinking.type',
      `${dialectId} cannot switch reasoning off for every model; the model's own default holds`,
    )
  else if (budget !== undefined) {
    const level = effortForBudget(budget)
    writer.set('reasoning.effort', level)
    adapt(lost, 'thinking.budget_tokens', `${dialectId} has levels of effort, no budgets; "${level}" is sent`)
  } else if (mode === 'enabled')
    drop(lost, 'thinking.type', `${dialectId} has no switch for reasoning; the model's own default holds`)
}

/** `user` is what every service of this protocol knows. */
function writeEndUser(writer: MemberWriter, user: string | undefined, own: boolean, lost: Loss[]): void {
  const member = writer.note('endUser') === 'safety_identifier' ? 'safety_identifier' : 'user'
  const short = user === undefined || own ? undefined : shortUserId(user)
  if (short !== undefined) adapt(lost, 'user', `${dialectId} takes 64 characters of it; a digest is sent`)
  writer.set(member, short ?? user)
}

function writeTier(writer: MemberWriter, tier: string | undefined, own: boolean, lost: Loss[]): void {
  const told = encodeTier(tier, own, lost)
  writer.set('service_tier', told)
}

/** OpenAI's word for a tier, asked for or served. */
export function encodeTier(tier: string | undefined, own: boolean, lost: Loss[]): string | undefined {
  if (tier === undefined || own || serviceTiers.has(tier)) return tier
  if (tier === 'standard' || tier === 'standard_only') return 'default'
  return drop(lost, 'service_tier', `${dialectId} has no service tier ${tier}`)
}

/** Settings that this protocol has no word for. Values that ask for what happens anyway are not missed. */
export function reportUnknown(request: ChatRequest, lost: Loss[]): void {
  const missing = (path: string, what: string): undefined => drop(lost, path, `${dialectId} has no ${what}`)
  if (request.topK !== undefined) missing('top_k', 'top_k')
  if ((request.presencePenalty ?? 0) !== 0) missing('presence_penalty', 'presence penalty')
  if ((request.frequencyPenalty ?? 0) !== 0) missing('frequency_penalty', 'frequency penalty')
  if (request.seed !== undefined) missing('seed', 'seed')
  if (request.stop !== undefined && request.stop.length > 0) missing('stop', 'stop sequences')
  if ((request.n ?? 1) > 1) missing('n', 'more than one answer to a request')
  if (request.modalities?.some((modality) => modality !== 'text') === true) missing('modalities', 'answers but text')
}

/** What an answer should tell besides: asked for a request that did not come in this protocol. */
export function included(request: ChatRequest, reasoned: boolean, sent: JsonObject): string[] {
  const { reasoning } = sent
  const effort = isJsonObject(reasoning) ? reasoning['effort'] : undefined
  const reasons = reasoned || (typeof effort === 'string' && effort !== 'none')
  return [
    // Models that do not reason refuse the question.
    ...(reasons ? ['reasoning.encrypted_content'] : []),
    ...(request.logprobs?.enabled === true ? ['message.output_text.logprobs'] : []),
  ]
}
