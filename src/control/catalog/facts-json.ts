/** The facts of a model for programs: every name is always there, and what nobody told is `null`. */
import type { CatalogEntry, CatalogSource, ModelFacts } from './catalog-file.ts'
import type { ModelCatalog } from './model-catalog.ts'

const names = {
  name: 'display_name',
  task: 'task',
  context: 'context_window',
  maxInput: 'max_input',
  maxOutput: 'max_output',
  inputs: 'input_modalities',
  outputs: 'output_modalities',
  tools: 'tools',
  reasoning: 'reasoning',
  structured: 'structured_output',
  caching: 'prompt_caching',
  knowledge: 'knowledge_cutoff',
  released: 'release_date',
  retires: 'retirement_date',
  status: 'status',
  openWeights: 'open_weights',
} as const satisfies Readonly<Record<keyof ModelFacts, string>>

export function factsJson(entry: CatalogEntry | undefined, catalog: ModelCatalog): object {
  const facts = Object.entries(names).map(([fact, name]) => [name, entry?.[fact as keyof ModelFacts] ?? null])
  return {
    catalog_id: entry?.id ?? null,
    ...(Object.fromEntries(facts) as object),
    vision: entry?.inputs?.includes('image') ?? null,
    sources: entry === undefined ? [] : sourcesOf(entry, catalog).map(sourceJson),
  }
}

export interface EntrySource {
  readonly source: CatalogSource
  /** Undefined for the one that all other facts are from. */
  readonly facts: readonly (keyof ModelFacts)[] | undefined
}

/** Whom the facts of an entry are from. */
export function sourcesOf(entry: CatalogEntry, catalog: ModelCatalog): EntrySource[] {
  const told = [[entry.source, undefined] as const, ...Object.entries(entry.also ?? {})]
  return told.flatMap(([id, facts]) => {
    const source = catalog.source(id)
    return source === undefined ? [] : [{ source, facts }]
  })
}

const sourceJson = ({ source: { title, url, version, published, read }, facts }: EntrySource): object => ({
  title,
  url,
  version: version ?? null,
  published: published ?? null,
  read,
  only: facts?.map((fact) => names[fact]) ?? null,
})
