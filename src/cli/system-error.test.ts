/** What is refused by the system or the disk is no defect, and is said in words. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemErrorText } from './system-error.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'system-error-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

const textOf = (act: () => void): string | undefined => {
  try {
    act()
  } catch (error) {
    return systemErrorText(error)
  }
  throw new Error('nothing was thrown')
}

it('tells what a database could not do', () => {
  const file = join(dir, 'some.db')
  using db = new DatabaseSync(file, { timeout: 0 })
  db.exec('PRAGMA page_size = 512; CREATE TABLE t (x); PRAGMA max_page_count = 3')
  expect(textOf(() => db.exec(`INSERT INTO t VALUES ('${'x'.repeat(5000)}')`))).toBe('no space is left on the disk')
  using other = new DatabaseSync(file, { timeout: 0 })
  db.exec('BEGIN EXCLUSIVE')
  expect(textOf(() => other.exec('INSERT INTO t VALUES (1)'))).toMatch(/in use by another process/)
  writeFileSync(join(dir, 'none.db'), 'x'.repeat(5000))
  using none = new DatabaseSync(join(dir, 'none.db'))
  expect(textOf(() => none.exec('SELECT * FROM t'))).toBe('the file is no database')
})

it('tells what a path could not be', () => {
  expect(textOf(() => writeFileSync(join(dir, 'x'.repeat(300)), ''))).toMatch(/a name in the path is too long$/)
})

it('leaves alone what is a defect', () => {
  expect(systemErrorText(new TypeError('x is not a function'))).toBeUndefined()
  using db = new DatabaseSync(':memory:')
  expect(textOf(() => db.exec('SELECT FROM'))).toBeUndefined()
})
