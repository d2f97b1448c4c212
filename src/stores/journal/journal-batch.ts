/**
 * Gathers what one turn of the event loop has for the journal and writes it with one system call at the turn's end. Whoever must not
 * go on before an entry is written is told then: an answer's last byte waits for its record, for microseconds.
 */
import { sealedLine } from './journal-line.ts'
import type { Journal } from './journal.ts'

export class JournalBatch {
  readonly #journal: Journal
  #lines: string[] = []
  #waiting: (() => void)[] = []
  #scheduled = false

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** `json` is an ExchangeRecord as JSON. */
  record(json: string, written: () => void): void {
    this.#add(sealedLine('record', json), written)
  }

  /** `json` is a Reservation as JSON. */
  reservation(json: string, written: () => void): void {
    this.#add(sealedLine('reserve', json), written)
  }

  /** Writes what has been gathered now. */
  flush(): void {
    if (this.#lines.length === 0) return
    const lines = this.#lines
    const waiting = this.#waiting
    this.#lines = []
    this.#waiting = []
    this.#journal.appendLines(lines)
    for (const written of waiting) written()
  }

  #add(line: string, written: () => void): void {
    this.#lines.push(line)
    this.#waiting.push(written)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.flush()
    })
  }
}
