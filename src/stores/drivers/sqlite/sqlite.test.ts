/** The SQLite driver against the conformance kits, with real files and two connections, and what only it promises. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { describeKeyStore, sampleKey } from '../../../kernel/testing/key-store-kit.ts'
import { describeUsageStore, sampleRecord } from '../../../kernel/testing/usage-store-kit.ts'
import { openSqlite } from './open-sqlite.ts'
import { openIntake, sqliteIntake } from './sqlite-intake.ts'
import { listQuery, spendsQuery, summarizeQuery } from './usage-queries.ts'

function folder(): Disposable & { readonly file: string } {
  const dir = mkdtempSync(join(tmpdir(), 'sqlite-'))
  return { file: join(dir, 'data', 'gate.db'), [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) }
}

async function twice<T>(
  pick: (stores: ReturnType<typeof openSqlite>) => T,
): Promise<AsyncDisposable & { store: T; other: T }> {
  const { file, ...dir } = folder()
  const first = openSqlite(file)
  const second = openSqlite(file)
  return {
    store: pick(first),
    other: pick(second),
    async [Symbol.asyncDispose]() {
      await first[Symbol.asyncDispose]()
      await second[Symbol.asyncDispose]()
      dir[Symbol.dispose]()
    },
  }
}

describeKeyStore('sqlite', () => twice((stores) => stores.keys))
describeUsageStore('sqlite', () => twice((stores) => stores.usage))

describe('sqlite files', () => {
  it('keep what was written across closing and opening again, and may be closed twice', () => {
    using dir = folder()
    const first = openSqlite(dir.file)
    first.keys.create(sampleKey('a'))
    first.usage.ingest([sampleRecord(1)], { segment: 1, offset: 10 })
    const revision = first.keys.revision()
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    using second = openSqlite(dir.file)
    expect(second.keys.list()).toEqual([sampleKey('a')])
    expect(second.keys.revision()).toBe(revision)
    expect(second.usage.list({ limit: 1 })).toEqual([sampleRecord(1)])
  })

  it('are readable by their owner only', () => {
    using dir = folder()
    using _stores = openSqlite(dir.file)
    expect(statSync(dir.file).mode & 0o777).toBe(0o600)
    expect(statSync(`${dir.file}-wal`).mode & 0o077).toBe(0)
  })

  it('use write-ahead logging with durable commits', () => {
    using dir = folder()
    using _stores = openSqlite(dir.file)
    using db = new DatabaseSync(dir.file)
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  })

  it('notice a revocation made by hand with another tool', () => {
    using dir = folder()
    using stores = openSqlite(dir.file)
    stores.keys.create(sampleKey('a'))
    const before = stores.keys.revision()
    using db = new DatabaseSync(dir.file)
    db.exec('UPDATE keys SET revoked_at = 1')
    expect(stores.keys.revision()).not.toBe(before)
    expect(stores.keys.list()[0]?.revokedAt).toBe(1)
  })

  it('let readers go on while another connection holds the write lock', () => {
    using dir = folder()
    using stores = openSqlite(dir.file, { busyTimeoutMs: 1 })
    stores.keys.create(sampleKey('a'))
    using db = new DatabaseSync(dir.file)
    db.exec("BEGIN IMMEDIATE; INSERT INTO spends VALUES ('total', 0, 'k', 1, 1)")
    expect(stores.keys.findByHash(sampleKey('a').hash)).toBeDefined()
    expect(stores.keys.revision()).toBeGreaterThan(0)
    expect(() => stores.keys.create(sampleKey('b'))).toThrow('database is locked')
    db.exec('COMMIT')
    stores.keys.create(sampleKey('b'))
  })

  it('give a background thread the same intake', async () => {
    using dir = folder()
    using stores = openSqlite(dir.file)
    const source = sqliteIntake(dir.file)
    expect(source.module).toMatch(/\/sqlite-intake\.ts$/)
    const intake = await openIntake(source.config)
    await intake.ingest([sampleRecord(1)], { segment: 2, offset: 3 })
    expect(stores.usage.position()).toEqual({ segment: 2, offset: 3 })
    ;(intake as unknown as Disposable)[Symbol.dispose]()
  })
})

describe('sqlite query plans', () => {
  it('find pages, bounded summaries and spends by index, never by scanning a table', () => {
    using dir = folder()
    using _stores = openSqlite(dir.file)
    using db = new DatabaseSync(dir.file)
    const span = { from: 1_000, to: 90_000_000, groupBy: 'model' } as const
    const queries = [
      listQuery({ limit: 5, before: 'x' }),
      listQuery({ limit: 5, before: 'x', keyId: 'k' }),
      summarizeQuery(span),
      summarizeQuery({ ...span, keyId: 'k' }),
      spendsQuery(
        [
          { period: 'day', start: 1 },
          { period: 'total', start: 0 },
        ],
        undefined,
      ),
      spendsQuery(
        [
          { period: 'day', start: 1 },
          { period: 'total', start: 0 },
        ],
        'k',
      ),
    ]
    for (const { sql, parameters } of queries) {
      const rows = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...(parameters as string[]))
      const plan = rows.map((row) => String(row['detail'])).join('\n')
      expect(plan).toMatch(/SEARCH (exchanges|usage_hours|spends) USING/)
      expect(plan).not.toMatch(/SCAN (exchanges|usage_hours|spends)/)
    }
  })
})
