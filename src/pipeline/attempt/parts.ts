/**
 * A request for more vectors or verdicts than a provider gives in one call, sent in parts, one after the other, and answered as one. Parts that
 * have been answered are not asked for again when a later one has to be: neither in another round nor with another credential.
 */
import type { Exchange, AnsweredPart } from '../../kernel/exchange.ts'
import type { BytesReply } from '../../kernel/reply.ts'
import { joinedPieces } from '../../model/pieces.ts'
import type { Usage } from '../../model/usage.ts'
import { sumOfUsage } from '../sum-of-usage.ts'
import { countedInput } from '../input-estimate.ts'
import { attempt } from './attempt.ts'
import type { AttemptInput, AttemptResult } from './attempt-result.ts'
import { wholeImages } from './image-reply.ts'
import { estimatedUsage, wholeReply } from './pieces-reply.ts'
import type { InputAnswer } from './pieces-reply.ts'
import type { Prepared } from './outbound.ts'

export async function attemptParts(input: AttemptInput, parts: readonly Prepared[]): Promise<AttemptResult> {
  const { exchange, deployment } = input
  const answered = exchange.parts.get(deployment.id) ?? []
  exchange.parts.set(deployment.id, answered)
  for (const prepared of parts.slice(answered.length)) {
    const result = await attempt({ ...input, prepared })
    if (!result.ok) {
      if (result.unfit !== undefined) exchange.unfit.push({ deployment, usage: result.unfit })
      return result
    }
    const { reply } = result
    if (reply.kind !== 'bytes' || reply.part === undefined) return result
    const { part: response, facts } = reply
    const share = (prepared.inputs ?? 0) / (exchange.head.inputs ?? 1)
    const usage = facts?.usage ?? estimatedUsage(Math.ceil(countedInput(exchange) * share))
    const paid = { deployment, usage }
    exchange.unfit.push(paid)
    answered.push({ response, paid })
  }
  return joined(exchange, answered, Math.floor(input.clock.now() / 1000))
}

function joined(exchange: Exchange, answered: readonly AnsweredPart[], now: number): AttemptResult {
  const { raw: _, ...usage } = sumOfUsage(answered.map(({ paid }) => paid.usage))
  const whole = joinedPieces(answered.map(({ response }) => response)) ?? { model: '', vectors: [] }
  const reply =
    'images' in whole ? wholeImages(exchange, { ...whole, usage }, {}, now) : vectorsReply(exchange, whole, usage)
  // Each part is paid for by itself: the last as this answer, the others beside it.
  const last = answered.at(-1)?.paid
  exchange.unfit.splice(0, Infinity, ...exchange.unfit.filter((one) => one !== last))
  return { ok: true, reply: { ...reply, facts: { ...reply.facts, ...(last !== undefined && { usage: last.usage }) } } }
}

function vectorsReply(exchange: Exchange, whole: InputAnswer, usage: Usage): BytesReply {
  const { model } = whole
  return wholeReply(exchange, { ...whole, usage }, { ...(model !== '' && { model }) })
}
