/**
 * Custom tools, whose input is free text, at targets that have functions alone: there the text is a member of an object, and calls come back as
 * calls of functions. This makes them calls of the custom tools again. Targets that have such tools tell their calls apart themselves.
 */
import type { Reshaper } from '../../kernel/reshaper.ts'
import { textMember } from '../../kernel/codec/tool-arguments.ts'
import type { ChatRequest } from '../../model/chat.ts'
import type { ToolCallPart } from '../../model/part.ts'
import { chained } from './chain-reshapers.ts'
import type { Emulation } from './emulate.ts'
import { ChoicesReshaper, reshapeResponse } from './reshape-choices.ts'
import type { ChoiceReshaper, PartEvent } from './reshape-choices.ts'

/** What is made of the answer beside what the emulation makes of it. */
export function withFreeText(emulation: Emulation, { tools = [] }: ChatRequest): Emulation {
  const names = new Set(tools.flatMap((tool) => (tool.type === 'custom' ? [tool.name] : [])))
  return names.size === 0 ? emulation : { ...emulation, reshaper: after(emulation.reshaper, freeTextReshaper(names)) }
}

function after(inner: Reshaper | undefined, own: Reshaper): Reshaper {
  if (inner === undefined) return own
  const both = chained(inner, own)
  if (inner.again === undefined) return both
  return {
    ...both,
    again() {
      const next = inner.again?.()
      return next && { ...next, reshaper: after(next.reshaper, own) }
    },
  }
}

function freeTextReshaper(names: ReadonlySet<string>): Reshaper {
  const make = (): ChoiceReshaper => new FreeTextCalls(names)
  return {
    response: (answer) => reshapeResponse(answer, make),
    events: () => new ChoicesReshaper(make),
  }
}

class FreeTextCalls implements ChoiceReshaper {
  readonly #names: ReadonlySet<string>
  readonly #open = new Map<number, FreeText>()

  constructor(names: ReadonlySet<string>) {
    this.#names = names
  }

  part(event: PartEvent): PartEvent[] {
    if (event.type === 'part-start') {
      const { value } = event
      if (value.type !== 'tool-call' || value.kind === 'custom' || !this.#names.has(value.name)) return [event]
      const text = new FreeText()
      this.#open.set(event.part, text)
      const call: ToolCallPart = { ...value, kind: 'custom', arguments: text.push(value.arguments) }
      return [{ ...event, value: call }]
    }
    const text = this.#open.get(event.part)
    if (text === undefined) return [event]
    const { choice, part } = event
    const delta = (said: string): PartEvent[] => (said === '' ? [] : [{ type: 'part-delta', choice, part, text: said }])
    if (event.type === 'part-delta') return delta(text.push(event.text ?? ''))
    this.#open.delete(part)
    return [...delta(text.end()), event]
  }

  end(finish: ReturnType<ChoiceReshaper['end']>['finish']): ReturnType<ChoiceReshaper['end']> {
    return { parts: [], finish }
  }
}

const beginning = new RegExp(`^\\s*\\{\\s*"${textMember}"\\s*:\\s*"`)
/** A run of whole characters and escapes of a JSON string; both halves of a character beyond U+FFFF stay together. */
const whole =
  /(?:[^"\\\ud800-\udbff]|[\ud800-\udbff][\udc00-\udfff]|\\(?:["\\/bfnrt]|u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4}|u(?![dD][89abAB])[0-9a-fA-F]{4}))*/y

/** Reads `{"input": "…"}` as it comes. What turns out to be something else is told as it is. */
class FreeText {
  #held = ''
  #begun = false
  #over = false

  /** What is known to be of the text by now. */
  push(json: string): string {
    if (this.#over) return ''
    this.#held += json
    if (!this.#begun) {
      const atOnce = json.endsWith('}') ? inputOf(this.#held) : undefined
      if (atOnce !== undefined) {
        this.#begun = true
        this.#over = true
        return atOnce
      }
      const match = beginning.exec(this.#held)
      if (match === null) return ''
      this.#begun = true
      this.#held = this.#held.slice(match[0].length)
    }
    whole.lastIndex = 0
    const [run = ''] = whole.exec(this.#held) ?? []
    this.#held = this.#held.slice(run.length)
    this.#over = this.#held.startsWith('"')
    return decoded(run)
  }

  end(): string {
    if (this.#begun) return ''
    return inputOf(this.#held) ?? this.#held
  }
}

function decoded(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string
  } catch {
    // With line breaks in it, or other characters that JSON wants escaped.
    return text
  }
}

function inputOf(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json)
    const text: unknown = (value as Record<string, unknown> | null)?.[textMember]
    return typeof text === 'string' ? text : undefined
  } catch {
    return undefined
  }
}
