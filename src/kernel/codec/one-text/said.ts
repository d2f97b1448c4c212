/** What of an answer can be said in a protocol that has one text for it, in a plain answer and in a stream alike. */
import type { ChatResponse, Choice } from '../../../model/chat.ts'
import type { Finish } from '../../../model/finish.ts'
import { adapt, drop, joinPath, reportForeignExtra } from '../../../model/loss.ts'
import type { Loss } from '../../../model/loss.ts'
import type { Part } from '../../../model/part.ts'
import type { Usage } from '../../../model/usage.ts'

/** The text of a part, with everything else about it reported; empty for a part that is no text. `target` is the dialect's id. */
export function saidBy(part: Part, path: string, target: string, lost: Loss[]): string {
  reportForeignExtra(part, target, path, lost)
  switch (part.type) {
    case 'text':
      if ((part.citations?.length ?? 0) > 0) reportCitations(path, target, lost)
      return part.text
    case 'refusal':
      adapt(lost, path, `${target} has no refusals; it is told as text`)
      return part.text
    case 'tool-call':
      drop(lost, path, `${target} has no tools: the call of ${part.name} is not told`)
      return ''
    case 'reasoning':
      drop(lost, path, `${target} has no place for reasoning`)
      return ''
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
    case 'tool-result':
    case 'server-tool-call':
    case 'server-tool-result':
    case 'opaque':
      drop(lost, path, `${target} answers with text and has no place for this ${part.type} part`)
      return ''
  }
}

/** Whether a part is among those that become the text. */
export const isSpoken = (type: Part['type']): boolean => type === 'text' || type === 'refusal'

export function reportCitations(path: string, target: string, lost: Loss[]): void {
  drop(lost, joinPath(path, 'citations'), `${target} has no citations`)
}

export function reportChoice(index: number, target: string, lost: Loss[]): void {
  drop(lost, joinPath('choices', index), `${target} has one answer to a request, and this is another`)
}

export function reportTier(target: string, lost: Loss[]): void {
  drop(lost, 'service_tier', `${target} has no service tiers`)
}

export function reportLogprobs(path: string, target: string, lost: Loss[]): void {
  drop(lost, joinPath(path, 'logprobs'), `${target} has no log probabilities`)
}

/** Of a protocol that never tells why an answer ended. */
export function reportFinish(finish: Finish, path: string, target: string, lost: Loss[]): void {
  if (finish.reason !== 'stop')
    adapt(lost, joinPath(path, 'finish_reason'), `${target} does not tell that an answer ended by ${finish.reason}`)
  if (finish.sequence !== undefined)
    drop(lost, joinPath(path, 'stop_sequence'), `${target} does not tell which stop sequence was met`)
  if (finish.details !== undefined)
    drop(lost, joinPath(path, 'stop_details'), `${target} has no details of why an answer ended`)
}

/** Of a protocol that counts tokens read and written and nothing more; or, without `counts`, none at all. */
export function reportUsage(
  usage: Usage,
  target: string,
  lost: Loss[],
  { counts }: { readonly counts: boolean },
): void {
  if (!counts) return drop(lost, 'usage', `${target} tells no usage`)
  const { input, output, serverTools = {} } = usage
  const shares = [input.cacheRead, input.cacheWrite, input.audio, input.image]
  const more = [...shares, output.reasoning, output.audio, output.image, ...Object.values(serverTools)]
  if (more.some((share) => share !== undefined && share > 0))
    drop(lost, 'usage.details', `${target} counts tokens read and written, and nothing more of usage`)
}

/** How a dialect says a part where it can say more than plain text. */
export type SayPart = (part: Part, path: string, lost: Loss[]) => string

/** The text of an answer's first choice; other choices, and what else has no place beside a text, are reported. */
export function textOfAnswer(response: ChatResponse, target: string, lost: Loss[], say?: SayPart): string {
  reportForeignExtra(response, target, '', lost)
  if (response.serviceTier !== undefined) reportTier(target, lost)
  for (const { index } of response.choices.slice(1)) reportChoice(index, target, lost)
  const [choice] = response.choices
  return choice === undefined ? '' : textOfChoice(choice, target, lost, say)
}

function textOfChoice(choice: Choice, target: string, lost: Loss[], say?: SayPart): string {
  const path = joinPath('choices', choice.index)
  reportForeignExtra(choice, target, path, lost)
  if (choice.logprobs !== undefined) reportLogprobs(path, target, lost)
  const sayPart = say ?? ((part, at, losses) => saidBy(part, at, target, losses))
  return choice.parts.map((part, at) => sayPart(part, joinPath(joinPath(path, 'content'), at), lost)).join('')
}
