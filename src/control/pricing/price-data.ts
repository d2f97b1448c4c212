/** The shape of the community's price data (genai-prices) as far as it is read here, and its loading, which is slow enough to be put off. */

export type PriceValue =
  | number
  | { readonly base: number; readonly tiers: readonly { readonly start: number; readonly price: number }[] }

export type ModelPrices = Readonly<Record<string, PriceValue | undefined>>

export interface ConditionalPrices {
  /** A date from which on, or hours of the day during which, the prices hold. */
  readonly constraint?:
    | { readonly type: 'start_date'; readonly start_date: string }
    | { readonly type: 'time_of_date'; readonly start_time: string; readonly end_time: string }
  readonly prices: ModelPrices
}

export type ModelMatch =
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string }
  | { readonly or: readonly ModelMatch[] }
  | { readonly and: readonly ModelMatch[] }

export interface PricedModel {
  readonly id: string
  readonly match: ModelMatch
  readonly prices: ModelPrices | readonly ConditionalPrices[]
}

export interface PricedProvider {
  readonly id: string
  readonly models: readonly PricedModel[]
  /** Providers whose models this one serves at the same prices. */
  readonly fallback_model_providers?: readonly string[]
}

export type FindProvider = (id: string) => PricedProvider | undefined

/** Evaluates a megabyte of source: 40 ms and 10 MB, once. */
export async function loadPriceData(): Promise<FindProvider> {
  const { findProvider } = await import('@pydantic/genai-prices')
  return (id) => {
    // It also finds providers whose names merely look alike.
    const provider = findProvider({ providerId: id })
    return provider?.id === id ? provider : undefined
  }
}
