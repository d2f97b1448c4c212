/**
 * From tokens to money. Every share of the usage is charged once, at its own rate; what is left of a total is charged at the base
 * rate. Sums are exact integers in millionths of a nano-USD and are rounded once, at the end, half up.
 */
import type { NanoUsd } from './money.ts'
import type { PriceSheet, Rate, TieredRate } from './price.ts'
import type { Usage } from './usage.ts'

export interface CostLine {
  /** A member of the price sheet, or `serverTools.<name>`, or `units.<name>`. */
  readonly dimension: string
  readonly count: number
  /** Nano-USD per million; for `request`, nano-USD each. */
  readonly rate: Rate
  /** Nano-USD, rounded half up for display: only the total is exact to the nano-USD. */
  readonly cost: NanoUsd
}

export interface Cost {
  readonly total: NanoUsd
  readonly lines: readonly CostLine[]
  /**
   * Dimensions that were used and have no price of their own: the total has them at the price of a plain token, or not at all where
   * that is not known either. Absent when everything was priced.
   */
  readonly missing?: readonly string[]
}

/** The members of a price sheet that hold a tiered rate. */
type Dimension = Exclude<keyof PriceSheet, 'source' | 'request' | 'serverTools' | 'units'>

/**
 * Where a dimension without a price of its own is charged as another, because providers do: a cached or seen token is an input
 * token, a thought one an output token. Writing to a cache, hearing, speaking and painting cost more than that and have no fallback.
 */
const fallback: Partial<Record<Dimension, Dimension>> = { cacheRead: 'input', inputImage: 'input', reasoning: 'output' }

const isOutput = (dimension: Dimension): boolean => dimension.startsWith('output') || dimension === 'reasoning'

/** Far above any real usage; what a provider claims beyond it is not believed. */
const maxCount = 1_000_000_000_000

const million = 1_000_000n

/** Throws nothing: counts that are no counts (negative, NaN, fractions) are taken as the nearest count below, at least 0. */
export function costOf(usage: Omit<Usage, 'raw'>, sheet: PriceSheet): Cost {
  const tally = new Tally(sheet, countOf(usage.input.total))
  // A service charges for one or the other: searches, say, or the tokens that they took.
  if (usage.units !== undefined && tally.addUnits(usage.units, usage.unitKinds) && sheet.input === undefined)
    return tally.cost()
  const input = new Shares(usage.input.total)
  const written = input.take(usage.input.cacheWrite)
  const written1h = Math.min(countOf(usage.input.cacheWrite1h), written)
  tally.add('cacheRead', input.take(usage.input.cacheRead))
  tally.add('cacheWrite', written - written1h)
  tally.add('cacheWrite1h', written1h)
  tally.add('inputAudio', input.take(usage.input.audio))
  tally.add('inputImage', input.take(usage.input.image))
  tally.add('input', input.left)
  const output = new Shares(usage.output.total)
  tally.add('reasoning', output.take(usage.output.reasoning))
  tally.add('outputAudio', output.take(usage.output.audio))
  tally.add('outputImage', output.take(usage.output.image))
  tally.add('output', output.left)
  for (const [name, calls] of Object.entries(usage.serverTools ?? {}))
    tally.addRate(`serverTools.${name}`, countOf(calls), sheet.serverTools?.[name])
  if (sheet.request !== undefined) tally.addRequest(sheet.request)
  return tally.cost()
}

export interface WorstCaseOptions {
  /** What else than text the request may carry or ask for; absent means that anything is possible. */
  readonly modalities?: readonly ('audio' | 'image')[]
  /** The most calls of each tool that the provider runs. */
  readonly serverTools?: Readonly<Record<string, number>>
  /** The most of each thing that is not tokens, and what is known of its kind. */
  readonly units?: Readonly<Record<string, number>>
  readonly unitKinds?: Usage['unitKinds']
}

const allInputs: readonly Dimension[] = ['input', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'inputAudio', 'inputImage']
const allOutputs: readonly Dimension[] = ['output', 'reasoning', 'outputAudio', 'outputImage']

/** Text is always possible. */
const among =
  (modalities: readonly ('audio' | 'image')[]) =>
  (dimension: Dimension): boolean =>
    (modalities.includes('audio') || !dimension.endsWith('Audio')) &&
    (modalities.includes('image') || !dimension.endsWith('Image'))

/**
 * The most that a request can cost, for reservations: every input token at the dearest rate an input token can have (a cache write,
 * say), every output token of each of the `n` choices likewise, in the dearest tier that the input can reach. A dimension without
 * a price cannot be bounded; when `input` or `output` itself has none, it is in `missing`.
 */
export function worstCaseCost(
  inputTokensUpperBound: number,
  maxOutputTokens: number,
  n: number,
  sheet: PriceSheet,
  options: WorstCaseOptions = {},
): Cost {
  const { modalities } = options
  const inputs = modalities === undefined ? allInputs : allInputs.filter(among(modalities))
  const outputs = modalities === undefined ? allOutputs : allOutputs.filter(among(modalities))
  const bound = countOf(inputTokensUpperBound)
  const tally = new Tally(sheet, bound)
  const dearestUnits = options.units !== undefined && tally.addUnits(options.units, options.unitKinds, dearestUnitRate)
  if (dearestUnits && sheet.input === undefined) return tally.cost()
  tally.addRate('input', bound, sheet.input && dearest(sheet, inputs, bound))
  tally.addRate(
    'output',
    Math.min(countOf(maxOutputTokens) * Math.max(1, countOf(n)), maxCount),
    sheet.output && dearest(sheet, outputs, bound),
  )
  for (const [name, calls] of Object.entries(options.serverTools ?? {}))
    tally.addRate(`serverTools.${name}`, countOf(calls), sheet.serverTools?.[name])
  if (sheet.request !== undefined) tally.addRequest(sheet.request)
  return tally.cost()
}

/** The rate for a request of so many input tokens: the highest tier whose threshold they exceed. */
export function rateFor(rate: TieredRate, inputTotal: number): Rate {
  let chosen = rate.base
  for (const tier of rate.tiers ?? []) if (inputTotal > tier.above) chosen = tier.rate
  return chosen
}

/**
 * The price of a unit of this kind: of those whose name is the unit's, alone or with some of the kind's words behind colons
 * (`images:1024x1024:hd`), the one with the most words; of two such the dearer.
 */
export function unitRate({ units = {} }: PriceSheet, name: string, kind: readonly string[]): Rate | undefined {
  let most = -1
  let found: Rate | undefined
  for (const [key, rate] of Object.entries(units)) {
    const [unit, ...words] = key.split(':')
    if (unit !== name || words.length < most || !words.every((word) => kind.includes(word))) continue
    found = words.length === most ? Math.max(rate, found ?? 0) : rate
    most = words.length
  }
  return found
}

/** The dearest that a unit can be of which no more is known than this: sizes and other words are told apart, one of each has a price. */
function dearestUnitRate({ units = {} }: PriceSheet, name: string, kind: readonly string[]): Rate | undefined {
  const rates = Object.entries(units).flatMap(([key, rate]) => {
    const [unit, ...words] = key.split(':')
    const fits = words.every((word) => kind.includes(word) || !kind.some((known) => isSize(known) === isSize(word)))
    return unit === name && fits ? [rate] : []
  })
  return rates.length === 0 ? undefined : Math.max(...rates)
}

const isSize = (word: string): boolean => /^\d+(?:x\d+|K)$/.test(word)

function dearest(sheet: PriceSheet, dimensions: readonly Dimension[], inputBound: number): Rate {
  let most = 0
  for (const dimension of dimensions) {
    const rate = sheet[dimension]
    if (rate === undefined) continue
    most = Math.max(most, rate.base)
    for (const tier of rate.tiers ?? []) if (inputBound > tier.above) most = Math.max(most, tier.rate)
  }
  return most
}

/** Hands out the shares of a total, never more than there is: a token is charged once even if a provider counts it under two names. */
class Shares {
  left: number

  constructor(total: number) {
    this.left = countOf(total)
  }

  take(share: number | undefined): number {
    const taken = Math.min(countOf(share), this.left)
    this.left -= taken
    return taken
  }
}

class Tally {
  readonly #sheet: PriceSheet
  readonly #inputTotal: number
  readonly #lines: CostLine[] = []
  readonly #missing: string[] = []
  /** Millionths of a nano-USD; what a double holds exactly is added up as one, and only the rest as a bigint. */
  #small = 0
  #large = 0n

  constructor(sheet: PriceSheet, inputTotal: number) {
    this.#sheet = sheet
    this.#inputTotal = inputTotal
  }

  add(dimension: Dimension, count: number): void {
    if (count === 0) return
    const other = fallback[dimension]
    const rate = this.#sheet[dimension] ?? (other && this.#sheet[other])
    if (rate !== undefined) return this.addRate(dimension, count, rateFor(rate, this.#inputTotal))
    this.#missing.push(dimension)
    // At least what any token costs: to leave it out would be to call it free.
    const base = this.#sheet[isOutput(dimension) ? 'output' : 'input']
    if (base !== undefined) this.addRate(dimension, count, rateFor(base, this.#inputTotal))
  }

  addRate(dimension: string, count: number, rate: Rate | undefined): void {
    if (count === 0) return
    if (rate === undefined) {
      this.#missing.push(dimension)
      return
    }
    const small = count * rate
    if (Number.isSafeInteger(small) && Number.isSafeInteger(this.#small + small)) {
      this.#small += small
      this.#lines.push({ dimension, count, rate, cost: roundSmallHalfUp(small) })
      return
    }
    const exact = BigInt(count) * BigInt(rate)
    this.#large += exact
    this.#lines.push({ dimension, count, rate, cost: roundHalfUp(exact) })
  }

  /** Whether there is a price for them. Without one they are missing only where the tokens have none either. */
  addUnits(
    units: Readonly<Record<string, number>>,
    kinds: Usage['unitKinds'] = {},
    rateOf: typeof unitRate = unitRate,
  ): boolean {
    const priced = Object.entries(units).flatMap(([name, count]) => {
      const rate = rateOf(this.#sheet, name, kinds[name] ?? [])
      return rate === undefined ? [] : [{ name, count, rate }]
    })
    for (const { name, count, rate } of priced) this.addRate(`units.${name}`, countOf(count), rate)
    if (priced.length === 0) return false
    if (this.#sheet.request !== undefined) this.addRequest(this.#sheet.request)
    return true
  }

  addRequest(nano: NanoUsd): void {
    this.#large += BigInt(nano) * million
    this.#lines.push({ dimension: 'request', count: 1, rate: nano, cost: nano })
  }

  cost(): Cost {
    const total = this.#large === 0n ? roundSmallHalfUp(this.#small) : roundHalfUp(this.#large + BigInt(this.#small))
    const known = { total, lines: this.#lines }
    return this.#missing.length === 0 ? known : { ...known, missing: this.#missing }
  }
}

const smallMillion = 1_000_000

/** The same for a safe integer. The remainder is exact, which a quotient of this size would not be. */
function roundSmallHalfUp(millionths: number): NanoUsd {
  const remainder = millionths % smallMillion
  return (millionths - remainder) / smallMillion + (remainder * 2 >= smallMillion ? 1 : 0)
}

/** Millionths to whole nano-USD; beyond what a safe integer holds (nine million dollars for one request) it stays at that. */
function roundHalfUp(millionths: bigint): NanoUsd {
  const nano = (millionths + million / 2n) / million
  return nano > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(nano)
}

function countOf(claimed: number | undefined): number {
  if (claimed === undefined || !(claimed > 0)) return 0
  return Math.min(Math.floor(claimed), maxCount)
}
