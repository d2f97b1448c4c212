/**
 * Lets the parts of one choice speak in turn where a protocol has one place for several of them. Parts may be open at once and grow
 * by turns; in a stream whose texts share one member their pieces would run into each other. The first one speaks, the others wait.
 */
import type { PartDelta, PartEnd, PartStart } from '../../model/chat-event.ts'
import type { Part } from '../../model/part.ts'

export type PartEvent = PartStart | PartDelta | PartEnd

export class PartTurns {
  readonly #placeOf: (part: Part) => string | undefined
  /** Of each place: the open parts, the one that speaks first. */
  readonly #lines = new Map<string, number[]>()
  readonly #places = new Map<number, string>()
  readonly #held = new Map<number, PartEvent[]>()

  /** `placeOf` names the place that a part shares with others; undefined for a part that has its own. */
  constructor(placeOf: (part: Part) => string | undefined) {
    this.#placeOf = placeOf
  }

  /** The events that may be written now: this one, none, or with the end of a part those of the next one, too. */
  push(event: PartEvent): PartEvent[] {
    if (event.type === 'part-start') this.#line(event)
    const waiting = this.#held.get(event.part)
    if (waiting !== undefined) {
      waiting.push(event)
      return []
    }
    return event.type === 'part-end' ? [event, ...this.#next(event.part)] : [event]
  }

  #line({ part, value }: PartStart): void {
    const place = this.#placeOf(value)
    if (place === undefined) return
    const line = this.#lines.get(place) ?? []
    this.#lines.set(place, [...line, part])
    this.#places.set(part, place)
    if (line.length > 0) this.#held.set(part, [])
  }

  #next(ended: number): PartEvent[] {
    const place = this.#places.get(ended)
    if (place === undefined) return []
    const line = this.#lines.get(place)?.slice(1) ?? []
    this.#lines.set(place, line)
    const [part] = line
    if (part === undefined) return []
    const waiting = this.#held.get(part) ?? []
    this.#held.delete(part)
    return waiting.flatMap((event) => (event.type === 'part-end' ? [event, ...this.#next(part)] : [event]))
  }
}
