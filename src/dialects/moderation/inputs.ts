/** What encoders of moderation make of inputs in protocols that judge texts alone. */
import { Fault } from '../../model/fault.ts'
import { joinPath } from '../../model/loss.ts'
import type { ModerationInput } from '../../model/moderation.ts'

/** The words of an input. Throws a Fault (`not_expressible`) for one with a picture: its verdict would be one of something else. */
export function textOf({ parts }: ModerationInput, index: number, dialect: string): string {
  return parts
    .map((part, at) => {
      if (part.type === 'text') return part.text
      const path = joinPath(joinPath('input', index), at)
      throw new Fault('not_expressible', `${path} is not a text, and ${dialect} judges nothing else.`, { param: path })
    })
    .join('\n')
}

/** The text of the only input. Throws a Fault (`not_expressible`) where there is not exactly one. */
export function onlyText(inputs: readonly ModerationInput[], dialect: string): string {
  const [input, second] = inputs
  if (input === undefined || second !== undefined)
    throw new Fault('not_expressible', `${dialect} judges one text, and the request has ${inputs.length} of them.`, {
      param: 'input',
    })
  return textOf(input, 0, dialect)
}
