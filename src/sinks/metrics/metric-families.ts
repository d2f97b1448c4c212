/**
 * Counters and histograms whose label sets are looked up once: counting is then an addition to a field, where a metrics library
 * hashes the labels every time. They hand their values to prom-client's registry, which writes them out.
 */

export interface Cell {
  value: number
}

export interface Bins {
  readonly counts: number[]
  sum: number
  count: number
}

type Labels = Readonly<Record<string, string>>

interface Value {
  readonly value: number
  readonly labels: Record<string, string | number>
  readonly metricName?: string
}

/** What prom-client's registry asks of a metric. */
interface Collected {
  readonly help: string
  readonly name: string
  readonly type: 'counter' | 'histogram'
  readonly aggregator: 'sum'
  readonly values: Value[]
}

export class CounterFamily {
  readonly name: string
  readonly help: string
  readonly #cells = new Map<string, { readonly labels: Labels; readonly cell: Cell }>()

  constructor(name: string, help: string) {
    this.name = name
    this.help = help
  }

  /** The cell of these labels, made on first use. Keep it. */
  cell(labels: Labels): Cell {
    const key = JSON.stringify(labels)
    let entry = this.#cells.get(key)
    if (entry === undefined) {
      entry = { labels, cell: { value: 0 } }
      this.#cells.set(key, entry)
    }
    return entry.cell
  }

  get(): Promise<Collected> {
    const values = [...this.#cells.values()].map(({ labels, cell }) => ({ value: cell.value, labels: { ...labels } }))
    return Promise.resolve({ help: this.help, name: this.name, type: 'counter', aggregator: 'sum', values })
  }

  reset(): void {
    this.#cells.clear()
  }
}

export class HistogramFamily {
  readonly name: string
  readonly help: string
  /** Upper bounds, ascending. */
  readonly bounds: readonly number[]
  readonly #entries = new Map<string, { readonly labels: Labels; readonly bins: Bins }>()

  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name
    this.help = help
    this.bounds = bounds
  }

  /** The bins of these labels, made on first use. Keep them. */
  bins(labels: Labels): Bins {
    const key = JSON.stringify(labels)
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      entry = { labels, bins: { counts: this.bounds.map(() => 0), sum: 0, count: 0 } }
      this.#entries.set(key, entry)
    }
    return entry.bins
  }

  observe(bins: Bins, value: number): void {
    bins.sum += value
    bins.count += 1
    const { bounds } = this
    for (let index = 0; index < bounds.length; index += 1) {
      if (value <= (bounds[index] ?? 0)) {
        bins.counts[index] = (bins.counts[index] ?? 0) + 1
        return
      }
    }
  }

  get(): Promise<Collected> {
    const values: Value[] = []
    for (const { labels, bins } of this.#entries.values()) {
      let cumulative = 0
      for (const [index, bound] of this.bounds.entries()) {
        cumulative += bins.counts[index] ?? 0
        values.push({ value: cumulative, labels: { ...labels, le: bound }, metricName: `${this.name}_bucket` })
      }
      values.push({ value: bins.count, labels: { ...labels, le: '+Inf' }, metricName: `${this.name}_bucket` })
      values.push({ value: bins.sum, labels: { ...labels }, metricName: `${this.name}_sum` })
      values.push({ value: bins.count, labels: { ...labels }, metricName: `${this.name}_count` })
    }
    return Promise.resolve({ help: this.help, name: this.name, type: 'histogram', aggregator: 'sum', values })
  }

  reset(): void {
    this.#entries.clear()
  }
}
