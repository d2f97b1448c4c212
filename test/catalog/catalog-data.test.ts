/** The catalog as it is committed: shaped as declared, for our drivers, every fact with a source, and enough of it. */
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { providers } from '../../src/builtins.gen.ts'
import { catalogFileSchema, sourcesFileSchema } from '../../src/control/catalog/catalog-file.ts'
import type { CatalogEntry } from '../../src/control/catalog/catalog-file.ts'
import { catalogSheet } from '../../src/control/pricing/catalog-sheet.ts'
import { openModelData } from '../../src/model-data.ts'

const folder = new URL('../../catalog/', import.meta.url)
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
const files = readdirSync(folder).filter((file) => file.endsWith('.json') && file !== 'sources.json')
const catalogs = files.map((file) => ({ file, ...catalogFileSchema.parse(read(file)) }))
const { sources } = sourcesFileSchema.parse(read('sources.json'))
const known = new Map(sources.map((source) => [source.id, source]))
const entries = catalogs.flatMap(({ provider, models }) => models.map((entry) => ({ provider, entry })))
/** The day of the newest reading. */
const lastRead =
  sources
    .map((source) => source.read)
    .sort()
    .at(-1) ?? ''

/** The models of which it is not true, by name. */
const except = (isRight: (entry: CatalogEntry, provider: string) => boolean): string[] =>
  entries
    .filter(({ provider, entry }) => !isRight(entry, provider))
    .map(({ provider, entry }) => `${provider}/${entry.id}`)

describe('the committed catalog', () => {
  it('has one file for each of many drivers, and is about nobody else', () => {
    expect(catalogs.map(({ file }) => file)).toEqual(catalogs.map(({ provider }) => `${provider}.json`))
    const drivers = new Set(providers.map(({ id }) => id))
    expect(catalogs.filter(({ provider }) => !drivers.has(provider))).toEqual([])
    expect(catalogs.length).toBeGreaterThanOrEqual(40)
    expect(entries.length).toBeGreaterThanOrEqual(1500)
  })

  it('has every model once, in order', () => {
    for (const { models } of catalogs) {
      const ids = models.map(({ id }) => id.toLowerCase())
      expect(ids).toEqual([...new Set(ids)].sort())
    }
  })

  it('names for every fact and every price a source and the day it was read', () => {
    expect(known.size).toBe(sources.length)
    expect(
      except(({ source, also = {}, price }) =>
        [source, ...Object.keys(also), ...(price === undefined ? [] : [price.source])].every((id) => known.has(id)),
      ),
    ).toEqual([])
    expect(
      except((entry) => Object.values(entry.also ?? {}).every((facts) => facts.every((fact) => fact in entry))),
    ).toEqual([])
    for (const { published, read } of sources) expect((published ?? read) <= read).toBe(true)
  })

  it('has figures within reason', () => {
    expect(except(({ context = 1 }) => context <= 20_000_000)).toEqual([])
    expect(
      except(({ context = Infinity, maxInput = 0, maxOutput = 0 }) => maxInput <= context && maxOutput <= context),
    ).toEqual([])
    const month = lastRead.slice(0, 7)
    expect(except(({ released = '2018' }) => released >= '2018' && released.slice(0, 7) <= month)).toEqual([])
    expect(except(({ knowledge = '2018' }) => knowledge >= '2018' && knowledge <= lastRead)).toEqual([])
    expect(except(({ retires = '2020' }) => retires >= '2020' && retires < '2036')).toEqual([])
    const ascending = (numbers: readonly number[]) =>
      numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0))
    expect(except(({ price }) => ascending((price?.tiers ?? []).map(({ above }) => above)))).toEqual([])
  })

  it('has only prices that are exact, and free ones only where the name says so', () => {
    expect(
      except((entry, provider) => {
        const sheet = catalogSheet(provider, entry)
        if (sheet === undefined) return entry.price === undefined
        const rates = [sheet.input, sheet.output, sheet.cacheRead, sheet.cacheWrite].flatMap((rate) => rate?.base ?? [])
        const free = sheet.input?.base === 0 && sheet.output?.base === 0
        return rates.every(Number.isSafeInteger) && (entry.id.endsWith(':free') || !free) && sheet.input !== undefined
      }),
    ).toEqual([])
    expect(except(({ id, price }) => price?.input !== '0' || id.endsWith(':free'))).toEqual([])
  })

  it('tells of most models what people look for', () => {
    const share = (has: (entry: CatalogEntry) => boolean): number =>
      entries.filter(({ entry }) => has(entry)).length / entries.length
    expect(share(({ context }) => context !== undefined)).toBeGreaterThan(0.9)
    expect(share(({ maxOutput }) => maxOutput !== undefined)).toBeGreaterThan(0.8)
    expect(share(({ inputs }) => inputs !== undefined)).toBeGreaterThan(0.7)
    expect(share(({ tools }) => tools !== undefined)).toBeGreaterThan(0.7)
    expect(share(({ released }) => released !== undefined)).toBeGreaterThan(0.5)
  })
})

describe('prices of all drivers together', () => {
  it('are known of more than 400 models of 40 providers', async () => {
    const { catalog, prices } = await openModelData()
    const at = Date.parse(lastRead)
    const priced = catalog.all().filter(({ provider, entry }) => {
      const sheet = prices.priceOf(provider, entry.id, at)
      return sheet?.input !== undefined
    })
    expect(priced.length).toBeGreaterThanOrEqual(400)
    expect(new Set(priced.map(({ provider }) => provider)).size).toBeGreaterThanOrEqual(40)
    const withOutput = priced.filter(
      ({ provider, entry }) => prices.priceOf(provider, entry.id, at)?.output !== undefined,
    )
    expect(withOutput.length).toBeGreaterThanOrEqual(400)
    expect(new Set(withOutput.map(({ provider }) => provider)).size).toBeGreaterThanOrEqual(40)
  })
})
