/**
 * Moderates with Llama Guard at any service that has it. Its chat template puts what a user says into its own prompt, so the input is sent
 * as it is; it answers `safe`, or `unsafe` and the hazards below that (ollama.com/library/llama-guard3; the hazards of MLCommons, S1 to
 * S14). What is unsafe is flagged, also by hazards that are none of OpenAI's categories.
 */
import { mappedVerdicts } from '../../kernel/codec/moderation-categories.ts'
import type { CategoryMap } from '../../kernel/codec/moderation-categories.ts'
import type { ModerationInput, ModerationResult, ModerationVerdict } from '../../model/moderation.ts'
import type { Failure } from '../attempt/attempt-result.ts'
import type { Accounts } from './accounts.ts'
import { textOf, unfitAnswer } from './ask-for-json.ts'
import { chatParts } from './chat-parts.ts'
import { askInside } from './inner-call.ts'
import type { InnerContext } from './inner-call.ts'

/** Specialized advice (S6), privacy (S7), intellectual property (S8) and elections (S13) are none of OpenAI's. */
const hazards: CategoryMap = {
  S1: ['violence', 'illicit', 'illicit/violent'],
  S2: ['illicit'],
  S3: ['sexual', 'illicit'],
  S4: ['sexual/minors', 'sexual'],
  S5: ['harassment'],
  S9: ['illicit', 'illicit/violent'],
  S10: ['hate'],
  S11: ['self-harm'],
  S12: ['sexual'],
  S14: ['illicit'],
}

/** Of a verdict, at most: a word, and all the hazards there are. */
export const verdictTokens = 128

const known = new Set(Object.values(hazards).flat())

export async function moderateByLlamaGuard(
  context: InnerContext,
  input: ModerationInput,
  accounts: Accounts,
): Promise<ModerationResult | Failure> {
  const { model, provider } = context.deployment
  const messages = [{ role: 'user' as const, parts: chatParts(input) }]
  const answer = await askInside(context, 'chat', { model, stream: false, messages, maxOutputTokens: verdictTokens })
  if (!answer.ok) return answer
  accounts.add(answer.usages)
  const said = textOf(answer.response).trim()
  const [, verdict, listed = ''] = /^(safe|unsafe)\b\s*([\s\S]*)$/i.exec(said) ?? []
  if (verdict === undefined) return unfitAnswer(provider, 'it said neither "safe" nor "unsafe", as Llama Guard does')
  const flagged = verdict.toLowerCase() === 'unsafe'
  const named = flagged ? [...new Set(listed.toUpperCase().match(/\bS\d{1,2}\b/g))] : []
  const yes: ModerationVerdict = { flagged: true, score: 1 }
  const found = mappedVerdicts(
    hazards,
    named.map((hazard) => [hazard, yes] as const),
  )
  const none = Object.fromEntries([...known].map((category) => [category, { flagged: false, score: 0 }]))
  return { flagged, categories: { ...none, ...found }, raw: { verdict: verdict.toLowerCase(), hazards: named } }
}
