/** Migrations under stress: several processes at once, a failure half-way, a schema from the future, a file of someone else. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { connect, pragma } from './database.ts'
import { SqliteError } from './errors.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations.ts'
import { openSqlite } from './open-sqlite.ts'

function folder(): Disposable & { readonly file: string } {
  const dir = mkdtempSync(join(tmpdir(), 'migrate-'))
  return { file: join(dir, 'gate.db'), [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) }
}

describe('migrations', () => {
  it('are numbered from 1 without gap, so that user_version counts them', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, n) => n + 1))
  })

  it('run once when several processes open a new file at the same moment', async () => {
    using dir = folder()
    const module = new URL('./open-sqlite.ts', import.meta.url).href
    const script = `
      const { openSqlite } = await import(${JSON.stringify(module)})
      process.stdout.write('ready')
      await new Promise((go) => process.stdin.once('data', go))
      using stores = openSqlite(${JSON.stringify(dir.file)})
      stores.keys.create({ id: String(process.pid), name: String(process.pid), hash: String(process.pid), hint: '', policy: { models: [] }, createdAt: 1 })
      process.stdin.destroy()`
    const children = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script])
      let errors = ''
      child.stderr.on('data', (text: Buffer) => (errors += text.toString()))
      return { child, errors: () => errors, ready: once(child.stdout, 'data'), done: once(child, 'close') }
    })
    await Promise.all(children.map(({ ready, done }) => Promise.race([ready, done])))
    for (const { child } of children) child.stdin.write('go')
    await Promise.all(children.map(({ done }) => done))
    expect(children.map(({ child, errors }) => [child.exitCode, errors()])).toEqual(children.map(() => [0, '']))
    using stores = openSqlite(dir.file)
    expect(stores.keys.list()).toHaveLength(4)
    expect(stores.keys.revision()).toBe(5)
  })

  it('leave nothing of a step that fails, and go on from there next time', () => {
    using dir = folder()
    using db = connect(dir.file)
    const first = { version: 1, name: 'one', sql: 'CREATE TABLE one (a)' }
    const broken = { version: 2, name: 'two', sql: 'CREATE TABLE two (a); CREATE TABLE one (again)' }
    expect(() => migrate(db, [first, broken])).toThrow(/already exists/)
    expect(pragma(db, 'user_version')).toBe(1)
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'two'").get()).toBeUndefined()
    migrate(db, [first, { ...broken, sql: 'CREATE TABLE two (a)' }])
    expect(pragma(db, 'user_version')).toBe(2)
  })

  it('refuse a schema newer than they know and leave it alone', () => {
    using dir = folder()
    openSqlite(dir.file)[Symbol.dispose]()
    using db = new DatabaseSync(dir.file)
    db.exec('PRAGMA user_version = 4711')
    expect(() => openSqlite(dir.file)).toThrow(/newer release \(schema 4711; this one knows \d+\)\. Run that release/)
    expect(pragma(db, 'user_version')).toBe(4711)
  })

  it("refuse another program's database, and a file that is none", () => {
    using dir = folder()
    using db = new DatabaseSync(dir.file)
    db.exec('CREATE TABLE theirs (a)')
    expect(() => openSqlite(dir.file)).toThrow(/database of another program/)
    writeFileSync(`${dir.file}.txt`, 'no database at all, but long enough to have a header of its own'.repeat(40))
    expect(() => openSqlite(`${dir.file}.txt`)).toThrow(SqliteError)
    expect(() => openSqlite('/dev/null/x.db')).toThrow()
  })
})
