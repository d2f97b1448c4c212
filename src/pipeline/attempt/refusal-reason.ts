/**
 * Whether a provider's refusal is one for which another kind of target is worth asking: the request is too long for the model, or a filter
 * does not let it pass. Providers say so in codes, if they have any, and else in words. What is not recognised stays the refusal that it is.
 *
 * OpenAI's specification (read 2026-11-27) has `content_filter`, as a reason to finish, and `image_content_policy_violation`. All others, codes and
 * words, are as clients report them of OpenAI's, Microsoft's, Alibaba Cloud's, llama.cpp's and other services, `verified: false`. Anthropic's
 * `request_too_large` counts bytes, not tokens: whoever takes longer requests may take it all the same.
 */
import type { FallbackReason } from '../../kernel/route.ts'
import type { Fault } from '../../model/fault.ts'

const codes: Readonly<Record<FallbackReason, ReadonlySet<string>>> = {
  context_window: new Set([
    'context_length_exceeded',
    'exceed_context_size_error',
    'request_too_large',
    'string_above_max_length',
  ]),
  content_policy: new Set([
    'content_filter',
    'content_policy_violation',
    'image_content_policy_violation',
    'moderation_blocked',
    'data_inspection_failed',
    'datainspectionfailed',
    'sensitive_words_detected',
  ]),
}

const words: Readonly<Record<FallbackReason, RegExp>> = {
  context_window:
    /maximum (?:context|prompt) length|context (?:length|window|size)|context limit|prompt is too long|(?:input|prompt|request) is too long|input token count|too many (?:input )?tokens|exceeds? (?:the )?(?:max(?:imum)? )?(?:number of )?(?:input )?tokens?\b|reduce the length of|max_model_len/i,
  content_policy:
    /content (?:management |filtering |moderation |safety )?(?:policy|policies)|content[ _]filter|(?:blocked|rejected|refused) by .{0,40}(?:safety|guardrail|moderation|filter)|usage polic(?:y|ies)|safety system|flagged (?:as|for) .{0,60}polic/i,
}

export function refusalReason({ code, upstream, message }: Fault): FallbackReason | undefined {
  if (code !== 'provider_rejected') return undefined
  const said = [upstream?.code, upstream?.type]
  for (const reason of ['content_policy', 'context_window'] as const)
    if (said.some((word) => word !== undefined && codes[reason].has(word.toLowerCase()))) return reason
  if (words.content_policy.test(message)) return 'content_policy'
  return words.context_window.test(message) ? 'context_window' : undefined
}
