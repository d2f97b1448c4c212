/** A model whose prices the price data does not have, and the page that they are from. */
import type { PriceSheet } from '../../model/price.ts'

export interface AddedModel {
  /** Ids of the price data's providers. */
  readonly providers: readonly string[]
  readonly models: RegExp
  readonly source: string
  /** The day on which they were compared with what `source` says; absent where nobody could. */
  readonly checked?: string
  readonly prices: Omit<PriceSheet, 'source'>
}
