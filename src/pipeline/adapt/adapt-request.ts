/**
 * Fits a request to what its target can take, as the traits tell: roles, ranges and counts, in the canonical model, so that no dialect
 * has to know of one service's habits. What changes the meaning is reported; what only changes the form is not.
 */
import type { Setting, Traits } from '../../kernel/traits.ts'
import type { ChatRequest, Message } from '../../model/chat.ts'
import type { Loss } from '../../model/loss.ts'
import { messagePlaces } from '../../model/message-places.ts'

export interface Adapted {
  readonly request: ChatRequest
  readonly lost: readonly Loss[]
}

export function adaptRequest(request: ChatRequest, traits: Traits, maxOutput: number | undefined): Adapted {
  const lost: Loss[] = []
  const fitted = withFittedSettings(request, traits, maxOutput, lost)
  const messages = fitMessages(request.messages, traits, lost)
  // The same object tells that nothing had to change.
  if (messages === request.messages) return { request: lost.length === 0 ? request : fitted, lost }
  return { request: { ...fitted, messages }, lost }
}

type Draft = { -readonly [Field in keyof ChatRequest]: ChatRequest[Field] }

/** The members of a request that a setting stands for. */
const membersOf: Readonly<Record<Setting, keyof ChatRequest>> = {
  temperature: 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  seed: 'seed',
  presence_penalty: 'presencePenalty',
  frequency_penalty: 'frequencyPenalty',
  logprobs: 'logprobs',
  stop: 'stop',
  n: 'n',
  parallel_tool_calls: 'parallelToolCalls',
  reasoning: 'reasoning',
  verbosity: 'verbosity',
  metadata: 'metadata',
  user: 'endUser',
  service_tier: 'serviceTier',
}

function withFittedSettings(
  request: ChatRequest,
  traits: Traits,
  maxOutput: number | undefined,
  lost: Loss[],
): ChatRequest {
  const fitted: Draft = { ...request }
  for (const setting of traits.leaveOut ?? []) {
    const member = membersOf[setting]
    if (fitted[member] === undefined) continue
    delete fitted[member]
    lost.push({ path: setting, kind: 'dropped', reason: 'the target refuses requests that have it' })
  }
  const { maxTemperature, maxStops } = traits
  if (maxTemperature !== undefined && fitted.temperature !== undefined && fitted.temperature > maxTemperature) {
    lost.push({ path: 'temperature', kind: 'adapted', reason: `the target takes at most ${maxTemperature}` })
    fitted.temperature = maxTemperature
  }
  if (maxStops !== undefined && fitted.stop !== undefined && fitted.stop.length > maxStops) {
    lost.push({
      path: 'stop',
      kind: 'adapted',
      reason: `the target takes ${maxStops} stop sequences; the first ones are sent`,
    })
    fitted.stop = fitted.stop.slice(0, maxStops)
  }
  if (maxOutput !== undefined && fitted.maxOutputTokens !== undefined && fitted.maxOutputTokens > maxOutput) {
    lost.push({ path: 'max_tokens', kind: 'adapted', reason: `the target writes at most ${maxOutput} tokens` })
    fitted.maxOutputTokens = maxOutput
  }
  return fitted
}

function fitMessages(messages: readonly Message[], traits: Traits, lost: Loss[]): readonly Message[] {
  let fitted = messages
  if (traits.developerRole === false && fitted.some(({ role }) => role === 'developer'))
    fitted = fitted.map((message) => (message.role === 'developer' ? { ...message, role: 'system' } : message))
  if (traits.systemAnywhere === false) fitted = systemFirst(fitted, lost)
  return traits.alternatingRoles === true ? alternating(fitted) : fitted
}

const instructs = ({ role }: Message): boolean => role === 'system' || role === 'developer'

function systemFirst(messages: readonly Message[], lost: Loss[]): readonly Message[] {
  const begun = messages.findIndex((message) => !instructs(message))
  if (begun === -1 || !messages.some((message, index) => index > begun && instructs(message))) return messages
  const places = messagePlaces(messages)
  for (const [index, message] of messages.entries()) {
    if (index < begun || !instructs(message)) continue
    lost.push({
      path: places[index]?.path ?? 'messages',
      kind: 'adapted',
      reason: 'the target takes instructions at the beginning alone; it is moved there',
    })
  }
  return [...messages.filter(instructs), ...messages.filter((message) => !instructs(message))]
}

/** Neighbours of one role become one message. Results of tools count as the user's turn, but stay messages of their own. */
function alternating(messages: readonly Message[]): readonly Message[] {
  const merged: Message[] = []
  for (const message of messages) {
    const last = merged.at(-1)
    const joins =
      last !== undefined &&
      last.role === message.role &&
      (message.role === 'user' || message.role === 'assistant') &&
      last.name === message.name
    if (joins) merged[merged.length - 1] = { ...last, parts: [...last.parts, ...message.parts] }
    else merged.push(message)
  }
  return merged.length === messages.length ? messages : merged
}
