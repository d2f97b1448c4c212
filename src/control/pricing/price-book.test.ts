/** The price data comes first, the catalog after it, and nothing is made up behind them. */
import { describe, expect, it } from 'vitest'
import { costOf } from '../../model/cost.ts'
import type { CatalogEntry } from '../catalog/catalog-file.ts'
import { openModelCatalog } from '../catalog/model-catalog.ts'
import { priceBook } from './price-book.ts'
import { priceCatalog } from './price-catalog.ts'

const at = Date.UTC(2026, 10, 27)
const entry = (id: string, price?: CatalogEntry['price']): CatalogEntry => ({
  id,
  source: 's',
  ...(price !== undefined && { price }),
})
const files: Record<string, readonly CatalogEntry[]> = {
  'acme.json': [
    entry('both', { input: '9', output: '9', source: 's' }),
    entry('dated-20250101', { input: '1', output: '2', source: 's' }),
    entry('exact', {
      input: '0.123456789',
      output: '0.3',
      cacheRead: '0.000000001',
      tiers: [{ above: 1000, input: '0.2' }],
      source: 's',
    }),
    entry('unpriced'),
  ],
  'other.json': [entry('exact', { input: '7', output: '7', source: 's' })],
}
const catalog = openModelCatalog({
  list: () => Object.keys(files),
  read: (file) => JSON.stringify({ models: files[file] }),
})
const data = priceCatalog((id) =>
  id === 'acme-data'
    ? { id, models: [{ id: 'both', match: { equals: 'both' }, prices: { input_mtok: 1, output_mtok: 2 } }] }
    : undefined,
)
const book = priceBook(data, catalog, [{ id: 'acme', prices: 'acme-data' }, { id: 'other' }])

describe('the price book', () => {
  it('asks the price data first', () => {
    expect(book.priceOf('acme', 'both', at)).toMatchObject({
      source: 'genai-prices acme-data/both',
      input: { base: 1e9 },
    })
    expect(book.modelsOf('acme')).toEqual(['both'])
  })

  it('asks the catalog for what the price data lacks, and says so', () => {
    expect(book.priceOf('acme', 'EXACT', at)).toEqual({
      source: 'catalog acme/exact from s',
      input: { base: 123_456_789, tiers: [{ above: 1000, rate: 200_000_000 }] },
      output: { base: 300_000_000 },
      cacheRead: { base: 1 },
    })
    expect(book.priceOf('other', 'exact', at)?.input).toEqual({ base: 7e9 })
    expect(book.priceOf('acme', 'exact', at)).toBe(book.priceOf('acme', 'exact', at))
    expect(book.modelsOf('other')).toEqual([])
  })

  it('remembers names, but not without end', () => {
    for (let name = 0; name < 5000; name++) expect(book.priceOf('acme', `made-up-${name}`, at)).toBeUndefined()
    expect(book.priceOf('acme', 'exact', at)?.output).toEqual({ base: 300_000_000 })
  })

  it('charges exactly what the text says', () => {
    const sheet = book.priceOf('acme', 'exact', at)
    const usage = { input: { total: 1000 }, output: { total: 1_000_000 } }
    expect(sheet && costOf(usage, sheet).total).toBe(300_123_457)
    const long = { input: { total: 1_000_000 }, output: { total: 0 } }
    expect(sheet && costOf(long, sheet).total).toBe(200_000_000)
  })

  it('knows no price of what nobody priced, nor of the same model with another date', () => {
    const unpriced = ['unpriced', 'nothing', 'dated', 'dated-20260101', '']
    expect(unpriced.filter((model) => book.priceOf('acme', model, at) !== undefined)).toEqual([])
    expect(book.priceOf('nobody', 'exact', at)).toBeUndefined()
    expect(book.priceOf('acme', 'dated-2025-01-01', at)?.output).toEqual({ base: 2e9 })
  })
})
