/**
 * What is known of models without asking anybody: their limits, abilities, dates and prices, from the files in `catalog/`. A provider's
 * file is read when somebody asks about that provider, and then kept.
 */
import { readFileSync, readdirSync } from 'node:fs'
import type { CatalogEntry, CatalogSource } from './catalog-file.ts'
import { loose, strict, undated } from './model-names.ts'

export interface CatalogModel {
  /** Id of a driver. */
  readonly provider: string
  readonly entry: CatalogEntry
}

export interface ModelCatalog {
  /** Ids of the drivers whose models are known. */
  providers(): readonly string[]
  /** Ids of the models that are known of a driver, as its service spells them; always the same list. */
  modelsOf(provider: string): readonly string[]
  /** The entry of exactly this model: only case, an address before the name and the spelling of a date may differ. */
  entryOf(provider: string, model: string): CatalogEntry | undefined
  /** Facts of the model, or of the same model with another date, of another region or in another variant. Not for prices. */
  factsOf(provider: string, model: string): CatalogEntry | undefined
  /** Everything there is; reads all files. */
  all(): readonly CatalogModel[]
  source(id: string): CatalogSource | undefined
}

export interface CatalogFolder {
  /** Names of its files. */
  list(): readonly string[]
  read(file: string): string
}

/** Beside the sources and beside the bundle alike, seen from this file or from the chunk that it became part of. */
const shipped = new URL(import.meta.url.endsWith('.ts') ? '../../../catalog/' : '../catalog/', import.meta.url)

const shippedFolder: CatalogFolder = {
  list: () => readdirSync(shipped),
  read: (file) => readFileSync(new URL(file, shipped), 'utf8'),
}

const sourcesFile = 'sources.json'
const none: readonly string[] = []

interface ProviderModels {
  readonly ids: readonly string[]
  readonly entries: readonly CatalogEntry[]
  readonly byName: ReadonlyMap<string, CatalogEntry>
  /** The newest of those that differ in their dates alone. */
  readonly byUndatedName: ReadonlyMap<string, CatalogEntry>
}

/** Lists the folder and reads nothing; throws when there is none. */
export function openModelCatalog(folder: CatalogFolder = shippedFolder): ModelCatalog {
  const providers = folder
    .list()
    .filter((file) => file.endsWith('.json') && file !== sourcesFile)
    .map((file) => file.slice(0, -'.json'.length))
    .sort()
  const known = new Set(providers)
  const opened = new Map<string, ProviderModels>()
  let sources: ReadonlyMap<string, CatalogSource> | undefined

  function modelsOf(provider: string): ProviderModels | undefined {
    if (!known.has(provider)) return undefined
    let models = opened.get(provider)
    if (models === undefined) opened.set(provider, (models = indexed(folder.read(`${provider}.json`))))
    return models
  }

  function entryOf(provider: string, model: string): CatalogEntry | undefined {
    const models = modelsOf(provider)
    return models && firstOf(models.byName, strict(model))
  }

  return {
    providers: () => providers,
    modelsOf: (provider) => modelsOf(provider)?.ids ?? none,
    entryOf,
    factsOf(provider, model) {
      const models = modelsOf(provider)
      if (models === undefined) return undefined
      const names = loose(model)
      return (
        entryOf(provider, model) ?? firstOf(models.byName, names) ?? firstOf(models.byUndatedName, names.map(undated))
      )
    },
    all: () =>
      providers.flatMap((provider) => (modelsOf(provider)?.entries ?? []).map((entry) => ({ provider, entry }))),
    source(id) {
      sources ??= new Map(
        (JSON.parse(folder.read(sourcesFile)) as { sources: CatalogSource[] }).sources.map((source) => [
          source.id,
          source,
        ]),
      )
      return sources.get(id)
    },
  }
}

function indexed(text: string): ProviderModels {
  const entries = (JSON.parse(text) as { models: CatalogEntry[] }).models
  const byName = new Map<string, CatalogEntry>()
  const byUndatedName = new Map<string, CatalogEntry>()
  // Sorted by id, so that of several dates the newest comes last and stays.
  for (const entry of entries) {
    for (const name of strict(entry.id)) if (!byName.has(name)) byName.set(name, entry)
    byUndatedName.set(undated(entry.id.toLowerCase()), entry)
  }
  return { ids: entries.map(({ id }) => id), entries, byName, byUndatedName }
}

function firstOf(models: ReadonlyMap<string, CatalogEntry>, names: readonly string[]): CatalogEntry | undefined {
  for (const name of names) {
    const entry = models.get(name)
    if (entry !== undefined) return entry
  }
  return undefined
}
