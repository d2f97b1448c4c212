/** Sums over the last quarter of an hour, the last hour and all time, kept by the minute: adding is a few additions, memory is fixed. */
import type { SignalWindow, WindowSums } from '../../kernel/signals.ts'

const fields = [
  'requests',
  'failures',
  'answers',
  'latencyMs',
  'streams',
  'ttftMs',
  'outputTokens',
  'writingMs',
  'cost',
] as const satisfies readonly (keyof WindowSums)[]
type Field = (typeof fields)[number]
const width = fields.length
const place = Object.fromEntries(fields.map((field, index) => [field, index])) as Record<Field, number>

const minute = 60_000
const minutes = 60
const lengths: Record<Exclude<SignalWindow, 'total'>, number> = { '15m': 15, '1h': 60 }

interface Cached {
  readonly slot: number
  readonly changes: number
  readonly sums: WindowSums
}

export class RollingSums {
  readonly #slots = new Float64Array(width * minutes)
  readonly #total = new Float64Array(width)
  readonly #cached = new Map<SignalWindow, Cached>()
  /** Number of the minute that is written to. */
  #slot: number
  #changes = 0

  constructor(now: number) {
    this.#slot = Math.floor(now / minute)
  }

  add(field: Field, amount: number, now: number): void {
    this.#advance(now)
    const at = (this.#slot % minutes) * width + place[field]
    this.#slots[at] = (this.#slots[at] ?? 0) + amount
    this.#total[place[field]] = (this.#total[place[field]] ?? 0) + amount
    this.#changes += 1
  }

  sums(window: SignalWindow, now: number): WindowSums {
    this.#advance(now)
    const cached = this.#cached.get(window)
    if (cached?.slot === this.#slot && cached.changes === this.#changes) return cached.sums
    const sums = window === 'total' ? asSums(this.#total) : asSums(this.#sumOf(lengths[window]))
    this.#cached.set(window, { slot: this.#slot, changes: this.#changes, sums })
    return sums
  }

  #sumOf(length: number): Float64Array {
    const sum = new Float64Array(width)
    for (let back = 0; back < length; back += 1) {
      const from = ((this.#slot - back + minutes) % minutes) * width
      for (let index = 0; index < width; index += 1) sum[index] = (sum[index] ?? 0) + (this.#slots[from + index] ?? 0)
    }
    return sum
  }

  /** Empties the minutes that nothing happened in. */
  #advance(now: number): void {
    const slot = Math.floor(now / minute)
    if (slot <= this.#slot) return
    if (slot - this.#slot >= minutes) this.#slots.fill(0)
    else {
      for (let next = this.#slot + 1; next <= slot; next += 1) {
        const from = (next % minutes) * width
        this.#slots.fill(0, from, from + width)
      }
    }
    this.#slot = slot
  }
}

function asSums(values: Float64Array): WindowSums {
  return Object.fromEntries(fields.map((field) => [field, values[place[field]] ?? 0])) as Record<Field, number>
}
