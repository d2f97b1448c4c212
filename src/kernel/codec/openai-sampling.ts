/**
 * Settings of sampling that OpenAI's reasoning models refuse, in either protocol: they take `temperature` and `top_p` as 1 alone, and no
 * log probabilities; the older ones no penalties and no stop sequences either. GPT-5.1 and later ones take them all where they do not reason, as by
 * default. Read 2026-11-28: https://github.com/vercel/ai/issues/10932, https://community.openai.com/t/1371738, and of `stop` OpenAI's OpenAPI document,
 * which names o3 and o4-mini. That the other older ones refuse it, too, is not confirmed at the service.
 */
import type { ChatRequest } from '../../model/chat.ts'
import type { Loss } from '../../model/loss.ts'

/** `gpt-5-chat` does not reason. */
const alwaysReasons =
  /^(?:[^/]+\/)*(?:o[134](?:-(?:mini|pro|preview))?|gpt-5(?:-(?:mini|nano|pro|codex))?)(?:-\d[\d-]*)?$/
const mayReason = /^(?:[^/]+\/)*gpt-5\.\d/

/** With what holds anyway: to leave that out loses nothing. */
const refused = [
  ['temperature', 'temperature', 1],
  ['topP', 'top_p', 1],
  ['logprobs', 'logprobs', undefined],
] as const
const refusedByOlder = [
  ...refused,
  ['presencePenalty', 'presence_penalty', 0],
  ['frequencyPenalty', 'frequency_penalty', 0],
  ['stop', 'stop', undefined],
] as const

/** A request of another protocol as the model takes it. */
export function withoutRefusedSampling(request: ChatRequest, model: string, lost: Loss[]): ChatRequest {
  const names = alwaysReasons.test(model) ? refusedByOlder : reasons(request, model) ? refused : []
  if (names.length === 0) return request
  const left: { -readonly [Name in keyof ChatRequest]: ChatRequest[Name] } = { ...request }
  for (const [name, path, usual] of names) {
    if (left[name] === undefined) continue
    if (left[name] !== usual) lost.push({ path, kind: 'dropped', reason: `${model} reasons, and refuses the setting` })
    delete left[name]
  }
  return left
}

function reasons({ reasoning }: ChatRequest, model: string): boolean {
  if (!mayReason.test(model) || reasoning === undefined || reasoning.mode === 'disabled') return false
  const { effort, budget, mode } = reasoning
  return effort === undefined ? budget !== undefined || mode !== undefined : effort !== 'none'
}
