/** What a model or router sets for the answers under its name. */
import type { AnswerPolicy } from '../kernel/route.ts'

interface Given {
  readonly commit?: CommitInput | undefined
  readonly context_window_fallbacks?: readonly string[] | undefined
  readonly content_policy_fallbacks?: readonly string[] | undefined
}

export type CommitInput = 'first_byte' | 'first_token' | number

export function answerPolicyOf(given: Given): { readonly answers?: AnswerPolicy } {
  const { commit, context_window_fallbacks: contextWindow, content_policy_fallbacks: contentPolicy } = given
  if (commit === undefined && contextWindow === undefined && contentPolicy === undefined) return {}
  return {
    answers: {
      ...(commit !== undefined && { commit: commitTokens(commit) }),
      fallbacks: {
        ...(contextWindow !== undefined && { context_window: contextWindow }),
        ...(contentPolicy !== undefined && { content_policy: contentPolicy }),
      },
    },
  }
}

/** How many tokens of a stream have to be there before it is given to the client; 0 for any piece that says something. */
export const commitTokens = (commit: CommitInput): number =>
  commit === 'first_byte' ? 0 : commit === 'first_token' ? 1 : commit
