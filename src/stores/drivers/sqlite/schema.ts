/** The tables as Kysely sees them, and the builder that compiles queries without a connection: SQL here, execution elsewhere. */
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'

interface Sums {
  readonly key_id: string
  readonly provider: string
  readonly model: string
  readonly failed: number
  readonly input_tokens: number
  readonly cached_tokens: number
  readonly output_tokens: number
  readonly cost: number
  readonly unpriced: number
}

export interface Schema {
  readonly exchanges: Sums & { readonly id: string; readonly at: number; readonly record: string }
  readonly usage_hours: Sums & { readonly hour: number; readonly requests: number }
  readonly route_hours: Pick<Sums, 'key_id' | 'failed' | 'cost' | 'unpriced'> & {
    readonly hour: number
    readonly route: string
    readonly requests: number
    readonly answers: number
    readonly answer_ms: number
  }
  readonly spends: {
    readonly period: string
    readonly start: number
    readonly key_id: string
    readonly cost: number
    readonly tokens: number
  }
}

export const builder = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})
