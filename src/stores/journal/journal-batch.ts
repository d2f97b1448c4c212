/**
 * Gathers what one turn of the event loop has for the journal and writes it with one system call at the turn's end. Whoever must not
 * go on before an entry is written is told then: an answer's last byte waits for its record, for microseconds.
 */
import type { JournalEntry } from './journal-line.ts'
import type { Journal } from './journal.ts'
import { LineBlock } from './line-block.ts'

export class JournalBatch {
  readonly #journal: Journal
  readonly #block = new LineBlock()
  #waiting: (() => void)[] = []
  #scheduled = false
  readonly #endOfTurn = (): void => {
    this.#scheduled = false
    this.flush()
  }

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** `json` is an ExchangeRecord as JSON. */
  record(json: string, written: () => void): void {
    this.#add('record', json, written)
  }

  /** `json` is a Reservation as JSON. */
  reservation(json: string, written: () => void): void {
    this.#add('reserve', json, written)
  }

  /** Writes what has been gathered now. */
  flush(): void {
    const { lines } = this.#block
    if (lines === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    this.#journal.appendLines(this.#block.take(), lines)
    for (const written of waiting) written()
  }

  #add(kind: JournalEntry['kind'], json: string, written: () => void): void {
    this.#block.add(kind, json)
    this.#waiting.push(written)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#endOfTurn)
  }
}
