/**
 * Turns an answer into the value that was asked for and holds it to the schema. A value that does not fit is put right where that
 * loses nothing, asked for again where there is still time, and otherwise reported with the place where it is wrong.
 */
import type { Again, EventReshaper, Reshaper } from '../../../kernel/reshaper.ts'
import type { ChatEvent } from '../../../model/chat-event.ts'
import type { Choice } from '../../../model/chat.ts'
import { Fault } from '../../../model/fault.ts'
import { appendDelta } from '../../../model/fold-chat.ts'
import type { Part } from '../../../model/part.ts'
import { ChoicesReshaper, reshapeChoice } from '../reshape-choices.ts'
import type { PartEvent } from '../reshape-choices.ts'
import { askAgain } from './ask-again.ts'
import type { Asked } from './ask-for-value.ts'
import type { ChoiceValue } from './choice-value.ts'
import { describe } from './schema-check.ts'
import type { Problem, SchemaCheck } from './schema-check.ts'

export interface ValueContext {
  readonly asked: Asked
  readonly schema: SchemaCheck
  /** Who was asked, for messages. */
  readonly target: string
  /** How often it may be asked again. */
  readonly repairs: number
  /** Of an answer that was asked for again: what there was before, and which choice of it this one is to replace. */
  readonly before?: { readonly choices: readonly Checked[]; readonly index: number }
}

interface Checked {
  /** As the model gave it. */
  readonly given: Choice
  readonly choice: Choice
  readonly problems?: readonly Problem[]
}

/** Client libraries try errors of this status again by themselves; here that has been done, and has been paid for. */
const notAgain = { 'x-should-retry': 'false' }

export function valueReshaper(context: ValueContext): Reshaper {
  const { asked, before } = context
  let refused: readonly Checked[] = []

  const refuse = (choices: readonly Checked[], problems: readonly Problem[]): Fault => {
    refused = choices
    const [first = { path: '', message: 'is not valid' }] = problems
    return new Fault(
      'invalid_structured_output',
      `${context.target} did not answer as the JSON schema of the request asks: ${describe(first)}.`,
      { headers: notAgain },
    )
  }

  return {
    response(answer) {
      const [only] = answer.choices
      const choices =
        before === undefined
          ? answer.choices.map((choice) => checked(choice, context))
          : before.choices.map((earlier) =>
              earlier.given.index === before.index && only !== undefined
                ? checked({ ...only, index: before.index }, context)
                : earlier,
            )
      const problems = choices.find((choice) => choice.problems !== undefined)?.problems
      if (problems !== undefined) throw refuse(choices, problems)
      return { ...answer, choices: choices.map(({ choice }) => choice) }
    },
    events: () => new ValueEvents(context, refuse),
    again(): Again | undefined {
      const wrong = refused.find(({ problems }) => problems !== undefined)
      if (wrong === undefined || context.repairs === 0) return undefined
      const request = askAgain(asked, wrong.given.parts, wrong.problems ?? [])
      const { index } = wrong.given
      return {
        request,
        reshaper: valueReshaper({
          ...context,
          asked: { ...asked, request },
          repairs: context.repairs - 1,
          before: { choices: refused, index },
        }),
      }
    },
  }
}

function checked(given: Choice, { asked, schema }: ValueContext): Checked {
  const value = asked.reader(given.index)
  const choice = reshapeChoice(given, value)
  if (value.value === undefined) return { given, choice }
  const verdict = schema.check(value.value, true)
  if (!verdict.ok) return { given, choice, problems: verdict.problems }
  return { given, choice: verdict.text === value.value ? choice : withText(choice, verdict.text) }
}

/** The text in place of what the choice said. */
function withText(choice: Choice, text: string): Choice {
  const at = choice.parts.findIndex((part) => part.type === 'text')
  const parts = choice.parts.flatMap((part, index): Part[] => {
    if (part.type !== 'text') return [part]
    return index === at ? [{ type: 'text', text }] : []
  })
  return { ...choice, parts }
}

/** Characters of a streamed answer that are kept to be checked. */
const longestAnswer = 33_554_432

/**
 * What has been sent cannot be put right, so a value that turns out not to fit ends the stream with an error: behind the usage, which
 * services tell last.
 */
class ValueEvents implements EventReshaper {
  readonly #context: ValueContext
  readonly #refuse: (choices: readonly Checked[], problems: readonly Problem[]) => Fault
  readonly #values = new Map<number, ChoiceValue>()
  readonly #given = new Map<number, Part[]>()
  readonly #reshaper: ChoicesReshaper
  #length = 0
  #fault: Fault | undefined

  constructor(context: ValueContext, refuse: (choices: readonly Checked[], problems: readonly Problem[]) => Fault) {
    this.#context = context
    this.#refuse = refuse
    this.#reshaper = new ChoicesReshaper((choice) => {
      const value = context.asked.reader(choice)
      this.#values.set(choice, value)
      return value
    })
  }

  push(event: ChatEvent): ChatEvent[] {
    if (event.type === 'response-end' && this.#fault !== undefined) return [{ type: 'error', fault: this.#fault }]
    if (event.type === 'part-start' || event.type === 'part-delta') {
      this.#keep(event)
      if (this.#length > longestAnswer) return [{ type: 'error', fault: tooLong(this.#context.target) }]
    }
    const events = this.#reshaper.push(event)
    return event.type === 'choice-end' && !this.#fits(event.choice)
      ? events.filter(({ type }) => type !== 'choice-end')
      : events
  }

  #keep(event: PartEvent): void {
    const parts = this.#given.get(event.choice) ?? []
    this.#given.set(event.choice, parts)
    if (event.type === 'part-start') {
      parts[event.part] = event.value
      this.#length += lengthOf(event.value)
    } else if (event.type === 'part-delta') {
      const part = parts[event.part]
      if (part !== undefined) parts[event.part] = appendDelta(part, event)
      this.#length += event.text?.length ?? 0
    }
  }

  #fits(index: number): boolean {
    const value = this.#values.get(index)?.value
    if (value === undefined) return true
    const verdict = this.#context.schema.check(value, false)
    if (verdict.ok) return true
    const given: Choice = { index, parts: (this.#given.get(index) ?? []).filter((part) => part !== undefined) }
    // With several choices others may be out already, so there is no asking again.
    const choices = this.#values.size > 1 ? [] : [{ given, choice: given, problems: verdict.problems }]
    this.#fault ??= this.#refuse(choices, verdict.problems)
    return false
  }
}

function lengthOf(part: Part): number {
  if (part.type === 'tool-call') return part.arguments.length
  return part.type === 'text' ? part.text.length : 0
}

const tooLong = (target: string): Fault =>
  new Fault('provider_too_large', `${target} gave an answer that is too long to be held to a JSON schema.`)
