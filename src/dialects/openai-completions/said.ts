/** What of an answer can be said in a protocol that has one text for it, in a plain answer and in a stream alike. */
import { adapt, drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'

/** The text of a part, with everything else about it reported; empty for a part that is no text. */
export function saidBy(part: Part, path: string, lost: Loss[]): string {
  reportForeignExtra(part, dialectId, path, lost)
  switch (part.type) {
    case 'text':
      if ((part.citations?.length ?? 0) > 0) reportCitations(path, lost)
      return part.text
    case 'refusal':
      adapt(lost, path, `${dialectId} has no refusals; it is told as text`)
      return part.text
    case 'tool-call':
      drop(lost, path, `${dialectId} has no tools: the call of ${part.name} is not told`)
      return ''
    case 'reasoning':
      drop(lost, path, `${dialectId} has no place for reasoning`)
      return ''
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
    case 'tool-result':
    case 'server-tool-call':
    case 'server-tool-result':
    case 'opaque':
      drop(lost, path, `${dialectId} answers with text and has no place for this ${part.type} part`)
      return ''
  }
}

export function reportCitations(path: string, lost: Loss[]): void {
  drop(lost, joinPath(path, 'citations'), `${dialectId} has no citations`)
}

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
