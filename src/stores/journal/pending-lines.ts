/** Lines that could not be written yet, in order and bounded: a full disk must not become a full memory. */

export class PendingLines {
  readonly #maxBytes: number
  #lines: Buffer[] = []
  #first = 0
  /** Bytes of the first line that are on the disk already. */
  #written = 0
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#first === this.#lines.length
  }

  /**
   * Adds a line of which `written` bytes are on the disk already, and returns how many lines were lost for it: the oldest ones, or
   * itself if it is too long. What was begun is kept in any case, for the next line must not follow half of another.
   */
  push(line: Buffer, written = 0): number {
    let dropped = 0
    while (this.#bytes + line.length - written > this.#maxBytes && this.#dropOldest()) dropped++
    if (written === 0 && this.#bytes + line.length > this.#maxBytes) return dropped + 1
    if (this.isEmpty) this.#written = written
    this.#lines.push(line)
    this.#bytes += line.length - written
    return dropped
  }

  /** What is left to write of the oldest line. */
  head(): Buffer | undefined {
    return this.#lines[this.#first]?.subarray(this.#written)
  }

  /** Part of the oldest line is on the disk and the rest is not. */
  get isTorn(): boolean {
    return this.#written > 0
  }

  /** So many bytes of the oldest line were written; true when that completed it. */
  advance(bytes: number): boolean {
    const line = this.#lines[this.#first]
    if (line === undefined) return false
    this.#written += bytes
    this.#bytes -= bytes
    if (this.#written < line.length) return false
    this.#removeFirst()
    return true
  }

  /** The oldest line has to be written from its beginning, in another file. */
  restart(): void {
    this.#bytes += this.#written
    this.#written = 0
  }

  /** Forgets all lines and returns how many there were. */
  clear(): number {
    const count = this.#lines.length - this.#first
    this.#lines = []
    this.#first = 0
    this.#written = 0
    this.#bytes = 0
    return count
  }

  /** A torn line stays: its beginning is on the disk and has to be completed. */
  #dropOldest(): boolean {
    const oldest = this.#first + (this.isTorn ? 1 : 0)
    const line = this.#lines[oldest]
    if (line === undefined) return false
    this.#bytes -= line.length
    if (this.isTorn) this.#lines.splice(oldest, 1)
    else this.#removeFirst()
    return true
  }

  #removeFirst(): void {
    this.#lines[this.#first++] = Buffer.alloc(0)
    this.#written = 0
    if (this.#first > 1024 && this.#first * 2 > this.#lines.length) {
      this.#lines = this.#lines.slice(this.#first)
      this.#first = 0
    } else if (this.isEmpty) {
      this.#lines = []
      this.#first = 0
    }
  }
}
