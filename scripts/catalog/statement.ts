/** What one source says of one model. Statements of all sources together make the catalog; who is believed is not decided here. */
import { tasks } from '../../src/control/catalog/catalog-file.ts'
import type { CatalogPrice, ModelFacts } from '../../src/control/catalog/catalog-file.ts'

export interface Statement {
  /** Id of one of our drivers. */
  readonly provider: string
  /** The model, as the provider spells it. */
  readonly id: string
  readonly facts: ModelFacts
  readonly price?: CatalogPrice
}

type Modality = NonNullable<ModelFacts['inputs']>[number]
const known = new Set<string>(['text', 'image', 'audio', 'video', 'pdf'] satisfies Modality[])

export function modalitiesOf(value: unknown): Modality[] | undefined {
  if (!Array.isArray(value)) return undefined
  const found = [...new Set<unknown>(value)].filter(
    (item): item is Modality => typeof item === 'string' && known.has(item),
  )
  return found.length === 0 ? undefined : found
}

/** A number of tokens. Zero is how sources write that there is no such limit, or that they do not know it. */
export function tokensOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 100_000_000 ? value : undefined
}

export const booleanOf = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined)

/** `2025`, `2025-08` or `2025-08-31`; undefined for what is no date. */
export function roughDateOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^(?:19|20)\d{2}(?:-\d{2}(?:-\d{2})?)?$/.test(value)) return undefined
  const time = new Date(`${value}${'-01'.repeat((10 - value.length) / 3)}T00:00:00Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(value) ? value : undefined
}

export function dayOf(value: unknown): string | undefined {
  const date = roughDateOf(value)
  return date?.length === 10 ? date : undefined
}

export function taskOf(value: string | undefined): ModelFacts['task'] {
  return tasks.find((task) => task === value)
}

/** Without the members that are not known. */
export function knownOf<T extends object>(members: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {}
}
