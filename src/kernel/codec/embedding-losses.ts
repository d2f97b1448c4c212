/** What encoders of embedding requests say of inputs that their protocol has no words for. */
import type { EmbeddingInput } from '../../model/embedding.ts'
import { Fault } from '../../model/fault.ts'
import { adapt, drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { TaskSpelling } from '../spelling.ts'

/** A vector of something else in its place would look like an answer. */
export function refuseInput(input: EmbeddingInput, index: number, dialect: string): Fault {
  const what = {
    text: 'a text beside inputs of another kind',
    tokens: 'tokens in place of a text: send the text itself',
    opaque: 'anything but plain text',
  }[input.type]
  return new Fault(
    'not_expressible',
    `Input ${index + 1} is something that ${dialect} cannot say: it does not take ${what}.`,
    {
      param: joinPath('input', index),
    },
  )
}

/** Of protocols in which an input is nothing but its text: the settings that each may have are told once, not once for each. */
export function reportInputSettings(inputs: readonly EmbeddingInput[], dialect: string, lost: Loss[]): void {
  for (const [index, input] of inputs.entries()) reportForeignExtra(input, dialect, joinPath('input', index), lost)
  if (inputs.some(({ title }) => title !== undefined)) drop(lost, 'title', `${dialect} takes no title of a text`)
  if (inputs.some(({ dimensions }) => dimensions !== undefined))
    adapt(lost, 'outputDimensionality', `${dialect} makes all vectors of a request of one length, the model's own`)
}

/** The word for what all vectors of a request are for, in protocols that say it once. */
export function taskWord(
  inputs: readonly EmbeddingInput[],
  words: TaskSpelling['words'],
  dialect: string,
  lost: Loss[],
): string | undefined {
  const task = inputs[0]?.task
  if (inputs.some((input) => input.task !== task)) {
    return drop(
      lost,
      'taskType',
      `${dialect} makes all vectors of a request for one purpose, and these are for several`,
    )
  }
  if (task === undefined) return undefined
  const word = words[task]
  if (word === undefined) return drop(lost, 'taskType', `${dialect} has no word for vectors for ${task}`)
  const meant = Object.entries(words).find(([, each]) => each === word)?.[0]
  if (meant !== task) adapt(lost, 'taskType', `${dialect} has one word for ${task} and ${meant ?? ''}`)
  return word
}
