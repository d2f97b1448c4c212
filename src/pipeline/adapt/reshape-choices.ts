/**
 * Reshaping of answers choice by choice, written once for both forms that an answer comes in: a complete answer is read as the events
 * that it could have come in, so that what a stream amounts to and what the plain answer says are the same.
 */
import type { ChatEvent, ChoiceEnd, PartDelta, PartEnd, PartStart } from '../../model/chat-event.ts'
import type { ChatResponse, Choice } from '../../model/chat.ts'
import type { Finish } from '../../model/finish.ts'
import { appendDelta } from '../../model/fold-chat.ts'
import type { Part } from '../../model/part.ts'

export type PartEvent = PartStart | PartDelta | PartEnd

/** Reads one choice of an answer. */
export interface ChoiceReshaper {
  part(event: PartEvent): PartEvent[]
  /** What was held back, and why the choice ended as the client sees it. */
  end(finish: Finish | undefined): { readonly parts: PartEvent[]; readonly finish: Finish | undefined }
}

/** `answerId` is the provider's id of the answer; empty where it tells none. */
export type ReshapeChoice = (choice: number, answerId: string) => ChoiceReshaper

export function reshapeChoice(choice: Choice, reshaper: ChoiceReshaper): Choice {
  const parts: Part[] = []
  const take = (events: readonly PartEvent[]): void => {
    for (const event of events) {
      if (event.type === 'part-start') parts[event.part] = event.value
      else if (event.type === 'part-delta') {
        const part = parts[event.part]
        if (part !== undefined) parts[event.part] = appendDelta(part, event)
      }
    }
  }
  for (const [part, value] of choice.parts.entries()) {
    take(reshaper.part({ type: 'part-start', choice: choice.index, part, value }))
    take(reshaper.part({ type: 'part-end', choice: choice.index, part }))
  }
  const { parts: last, finish } = reshaper.end(choice.finish)
  take(last)
  const { finish: _, ...rest } = choice
  return { ...rest, parts: parts.filter((part) => part !== undefined), ...(finish !== undefined && { finish }) }
}

export function reshapeResponse(answer: ChatResponse, make: ReshapeChoice): ChatResponse {
  return {
    ...answer,
    choices: answer.choices.map((choice) => reshapeChoice(choice, make(choice.index, answer.id))),
  }
}

/** The same for events. */
export class ChoicesReshaper {
  readonly #make: ReshapeChoice
  readonly #choices = new Map<number, ChoiceReshaper>()
  #answerId = ''

  constructor(make: ReshapeChoice) {
    this.#make = make
  }

  push(event: ChatEvent): ChatEvent[] {
    switch (event.type) {
      case 'response-start':
        this.#answerId = event.id
        return [event]
      case 'part-start':
      case 'part-delta':
      case 'part-end':
        return this.#of(event.choice).part(event)
      case 'choice-end': {
        const { parts, finish } = this.#of(event.choice).end(event.finish)
        const ended: ChoiceEnd = { ...event, finish: finish ?? event.finish }
        return [...parts, ended]
      }
      default:
        return [event]
    }
  }

  #of(index: number): ChoiceReshaper {
    let choice = this.#choices.get(index)
    if (choice === undefined) {
      choice = this.#make(index, this.#answerId)
      this.#choices.set(index, choice)
    }
    return choice
  }
}
