/** What of an answer this protocol cannot tell besides what no protocol of one text can. */
import { adapt, drop, joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { dialectId } from './dialect-id.ts'

export function reportEchoedLogprobs(path: string, lost: Loss[]): void {
  adapt(lost, joinPath(path, 'logprobs'), 'the prompt that is repeated has no log probabilities, only the answer')
}

export function reportRefusalLogprobs(path: string, lost: Loss[]): void {
  drop(lost, joinPath(path, 'logprobs.refusal'), `${dialectId} has no log probabilities of a refusal`)
}

/** Services of this protocol may tell the tier that served them; OpenAI has none here. */
export function tierTold(tier: string | undefined, own: boolean, lost: Loss[]): string | undefined {
  return tier === undefined || own ? tier : drop(lost, 'service_tier', `${dialectId} has no service tiers`)
}
