/** Prices of one deployment, every dimension named, in integer nano-USD per million units. A missing price is unknown, never zero. */
import type { NanoUsd } from './money.ts'

/** Nano-USD per million tokens (or per million of whatever the dimension counts). */
export type Rate = number

/** From `above` input tokens on, the whole request is charged at this rate instead (as providers' long-context tiers work). */
export interface RateTier {
  readonly above: number
  readonly rate: Rate
}

export interface TieredRate {
  readonly base: Rate
  /** Ascending by `above`. */
  readonly tiers?: readonly RateTier[]
}

export interface PriceSheet {
  /** Where the price is from, for people: `genai-prices openai/gpt-4o`, `config`. */
  readonly source: string
  readonly input?: TieredRate
  /** Falls back to `input`. */
  readonly cacheRead?: TieredRate
  readonly cacheWrite?: TieredRate
  readonly cacheWrite1h?: TieredRate
  readonly inputAudio?: TieredRate
  readonly inputImage?: TieredRate
  readonly output?: TieredRate
  /** Falls back to `output`. */
  readonly reasoning?: TieredRate
  readonly outputAudio?: TieredRate
  readonly outputImage?: TieredRate
  /** Nano-USD per request, whatever its size. */
  readonly request?: NanoUsd
  /** Nano-USD per million of what is not tokens, by the name in `Usage.units`. */
  readonly units?: Readonly<Record<string, Rate>>
  /** Nano-USD per million calls of a tool that the provider runs, by the name in `Usage.serverTools`. */
  readonly serverTools?: Readonly<Record<string, Rate>>
}

const nothing: TieredRate = { base: 0 }

/** The prices of what is known to cost nothing, which is not the same as having no known price. */
export function freeOfCharge(source: string): PriceSheet {
  return {
    source,
    input: nothing,
    cacheRead: nothing,
    cacheWrite: nothing,
    cacheWrite1h: nothing,
    inputAudio: nothing,
    inputImage: nothing,
    output: nothing,
    reasoning: nothing,
    outputAudio: nothing,
    outputImage: nothing,
  }
}
