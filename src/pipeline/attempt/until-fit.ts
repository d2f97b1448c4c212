/** Asks one target until its answer is what was asked for: in parts, or again while it answers with something else. */
import { attempt } from './attempt.ts'
import type { AttemptInput, AttemptResult } from './attempt-result.ts'
import type { Prepared } from './outbound.ts'
import { attemptParts } from './parts.ts'

/** Asks the same target again while it answers, but not what was asked for, and may be asked again. */
export async function attemptUntilFit(input: AttemptInput): Promise<AttemptResult> {
  if (input.prepared.parts !== undefined) return attemptParts(input, input.prepared.parts)
  const { exchange, deployment } = input
  let { prepared } = input
  let unfit: AttemptResult | undefined
  for (;;) {
    const result = await attempt({ ...input, prepared })
    // The client knows nothing of the further request, so a refusal of it is no answer.
    if (!result.ok && unfit !== undefined && !result.failOver && !exchange.gone) return unfit
    if (result.ok || result.unfit === undefined) return result
    exchange.unfit.push({ deployment, usage: result.unfit })
    const next = await preparedAgain(prepared)
    if (next === undefined || exchange.gone) return result
    unfit = result
    prepared = next
  }
}

/** A further request that cannot be made is as good as none. */
async function preparedAgain({ again }: Prepared): Promise<Prepared | undefined> {
  try {
    return await again?.()
  } catch {
    return undefined
  }
}
