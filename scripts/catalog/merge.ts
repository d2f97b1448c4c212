/** Makes one entry for each model of what the sources say of it, believing them in a declared order, fact by fact. */
import { factsSchema } from '../../src/control/catalog/catalog-file.ts'
import type { CatalogEntry, ModelFacts } from '../../src/control/catalog/catalog-file.ts'
import type { Statement } from './statement.ts'

export interface Testimony {
  /** Id of the source. */
  readonly source: string
  /** Whether a model that nobody else knows is believed to exist: no, of sources that name families instead of models. */
  readonly completes?: true
  readonly statements: readonly Statement[]
}

export interface Trust {
  /** Ids of sources, the most trusted first. */
  readonly facts: readonly string[]
  readonly prices: readonly string[]
  /** Of those that write a name with other capitals, for services that mind. */
  readonly spelling: readonly string[]
}

interface Told {
  readonly source: string
  readonly completes: boolean
  readonly statement: Statement
}

/** Entries by provider, sorted by id whatever the order of the statements was. */
export function mergeStatements(testimonies: readonly Testimony[], trust: Trust): Map<string, CatalogEntry[]> {
  const told = new Map<string, Map<string, Told[]>>()
  for (const source of trust.facts) {
    for (const { completes = false, statements } of testimonies.filter((testimony) => testimony.source === source)) {
      for (const statement of statements) {
        const ofProvider = told.get(statement.provider) ?? new Map<string, Told[]>()
        told.set(statement.provider, ofProvider)
        const key = statement.id.toLowerCase()
        ofProvider.set(key, [...(ofProvider.get(key) ?? []), { source, completes, statement }])
      }
    }
  }
  const merged = new Map<string, CatalogEntry[]>()
  for (const [provider, models] of [...told].sort(byKey)) {
    const alone = [...models.values()].every((all) => all.every(({ completes }) => completes))
    const entries = [...models]
      .sort(byKey)
      .filter(([, all]) => alone || all.some(({ completes }) => !completes))
      .map(([, all]) => entryOf(all, trust))
    merged.set(provider, entries)
  }
  return merged
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0)

function entryOf(told: readonly Told[], { prices, spelling }: Trust): CatalogEntry {
  const facts: Record<string, unknown> = {}
  const from = new Map<string, (keyof ModelFacts)[]>()
  for (const { source, statement } of told) {
    for (const [fact, value] of Object.entries(consistent(statement.facts)) as [keyof ModelFacts, unknown][]) {
      if (fact in facts) continue
      facts[fact] = value
      from.set(source, [...(from.get(source) ?? []), fact])
    }
  }
  const merged = consistent(facts)
  const [first] = told
  if (first === undefined) throw new RangeError('nobody tells of the model')
  const also = [...from].flatMap(([source, names]) => {
    const kept = names.filter((fact) => fact in merged)
    return source === first.source || kept.length === 0 ? [] : [[source, kept] as const]
  })
  const speller = spelling.flatMap((source) => told.filter((one) => one.source === source))[0] ?? first
  const { id } = speller.statement
  const price = priceOf(id, told, prices, merged.task)
  return {
    id,
    ...merged,
    ...(price !== undefined && { price }),
    source: first.source,
    ...(also.length > 0 && { also: Object.fromEntries(also) }),
  }
}

/** Without figures that contradict each other (an answer is not longer than all there is room for), in the order of the schema. */
function consistent(facts: ModelFacts): ModelFacts {
  const room = facts.context ?? Number.POSITIVE_INFINITY
  const names = factsSchema.keyof().options.filter((fact) => {
    if (facts[fact] === undefined) return false
    // Of models that make vectors, some sources tell the length of the vector in this place.
    if (fact === 'maxOutput' && withoutOutput.has(facts.task)) return false
    return (fact !== 'maxInput' && fact !== 'maxOutput') || (facts[fact] ?? 0) <= room
  })
  return Object.fromEntries(names.map((fact) => [fact, facts[fact]]))
}

/** What they are asked for comes out as no tokens. */
const withoutOutput = new Set<ModelFacts['task']>(['embedding', 'rerank', 'moderation'])

/**
 * All rates of a price are from one source. A price that lacks the rate of input or of what comes out is not a price: part of a
 * request would cost nothing. Zeros were taken as unknown before, but where the name itself says that a model is free.
 */
function priceOf(
  id: string,
  told: readonly Told[],
  trusted: readonly string[],
  task: ModelFacts['task'],
): CatalogEntry['price'] {
  for (const source of trusted) {
    const price = told.find((one) => one.source === source && one.statement.price !== undefined)?.statement.price
    if (price?.input === undefined) continue
    if (price.output !== undefined || withoutOutput.has(task) || /embed|rerank/i.test(id)) return { ...price, source }
  }
  return isFree(told) ? { input: '0', output: '0', source: told[0]?.source ?? '' } : undefined
}

/** https://openrouter.ai/docs/guides/routing/model-variants/free: the ending is for versions that cost nothing. */
function isFree(told: readonly Told[]): boolean {
  return told.every(
    ({ statement: { provider, id, price } }) =>
      provider === 'openrouter' && id.endsWith(':free') && price === undefined,
  )
}

/** What the entries of the merged catalog hold for one provider, as the text of a file: one model a line. */
export function fileText(provider: string, entries: readonly CatalogEntry[]): string {
  const lines = entries.map((entry) => JSON.stringify(entry)).join(',\n')
  return `{\n"provider": ${JSON.stringify(provider)},\n"models": [\n${lines}\n]\n}\n`
}
