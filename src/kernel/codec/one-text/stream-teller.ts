/** The events of a streamed answer of one text: what a decoder of such a protocol tells, in the order that all streams have. */
import type { ChatEvent, ResponseStart } from '../../../model/chat-event.ts'
import type { Finish } from '../../../model/finish.ts'
import type { JsonObject } from '../../../model/json.ts'
import type { Citation } from '../../../model/part.ts'
import type { Usage } from '../../../model/usage.ts'
import { asProviderFault } from '../provider-fault.ts'

export class OneTextTeller {
  readonly #dialectId: string
  #events: ChatEvent[] = []
  #started = false
  #speaking = false
  #over = false

  constructor(dialectId: string) {
    this.#dialectId = dialectId
  }

  /** The answer has ended, well or not: nothing more is told. */
  get over(): boolean {
    return this.#over
  }

  get started(): boolean {
    return this.#started
  }

  /** What `read` tells; whatever goes wrong in it becomes the last event. */
  during(read: () => void): ChatEvent[] {
    if (this.#over) return []
    this.#events = []
    try {
      read()
    } catch (error) {
      this.#over = true
      this.#events.push({ type: 'error', fault: asProviderFault(error) })
    }
    return this.#events
  }

  /** The first call begins the answer; later ones tell nothing. */
  start(head: Partial<Pick<ResponseStart, 'id' | 'model' | 'created' | 'form'>> = {}, members: JsonObject = {}): void {
    if (this.#started) return
    this.#started = true
    const { id = '', model = '', created, form } = head
    this.#events.push({
      type: 'response-start',
      id,
      model,
      ...(created !== undefined && { created }),
      ...this.#extra(members),
      form: form ?? { [this.#dialectId]: {} },
    })
  }

  /** Members of the answer that nobody models, told late. */
  members(members: JsonObject): void {
    if (Object.keys(members).length > 0) this.#events.push({ type: 'response-update', ...this.#extra(members) })
  }

  say(text: string): void {
    if (text === '') return
    this.start()
    if (this.#speaking) this.#events.push({ type: 'part-delta', choice: 0, part: 0, text })
    else this.#open(text)
  }

  cite(citation: Citation): void {
    this.start()
    if (!this.#speaking) this.#open('')
    this.#events.push({ type: 'part-delta', choice: 0, part: 0, citation })
  }

  usage(usage: Usage): void {
    this.start()
    this.#events.push({ type: 'usage-update', usage })
  }

  opaque(event: string, value: JsonObject): void {
    this.start()
    this.#events.push({ type: 'opaque-event', origin: this.#dialectId, event, value })
  }

  finish(finish: Finish): void {
    this.start()
    if (this.#speaking) this.#events.push({ type: 'part-end', choice: 0, part: 0 })
    this.#events.push({ type: 'choice-end', choice: 0, finish }, { type: 'response-end' })
    this.#over = true
  }

  #open(text: string): void {
    this.#speaking = true
    this.#events.push({ type: 'part-start', choice: 0, part: 0, value: { type: 'text', text } })
  }

  #extra(members: JsonObject): { extra?: Record<string, JsonObject> } {
    return Object.keys(members).length > 0 ? { extra: { [this.#dialectId]: members } } : {}
  }
}
