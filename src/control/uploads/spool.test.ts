/** The spool: files that come and go, and disks that are full. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSpool } from './spool.ts'
import type { SpoolFiles } from './spool.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluicegate-spool-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const enough: SpoolFiles = { free: async () => 1 << 30, create: (path) => open(path, 'wx', 0o600) }
const failing = (code: string): SpoolFiles => ({
  ...enough,
  async create(path) {
    const handle = await open(path, 'wx', 0o600)
    return {
      writev: () => Promise.reject(Object.assign(new Error('no'), { code })),
      close: () => handle.close(),
    }
  },
})

async function contentOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

it('keeps what is written, to be read as often as it takes, and gives it up', async () => {
  const spool = openSpool(join(dir, 'spool'), 0, undefined, 8)
  const file = await spool.create(10)
  await file.write(Buffer.from('Hello, '))
  await file.write(Buffer.from('gate.'))
  await file.finish()
  expect(file.size).toBe(12)
  expect(await contentOf(file.read())).toBe('Hello, gate.')
  expect(await contentOf(file.read())).toBe('Hello, gate.')
  const [name = ''] = readdirSync(join(dir, 'spool'))
  expect(statSync(join(dir, 'spool', name)).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(dir, 'spool', name), 'utf8')).toBe('Hello, gate.')
  file.discard()
  file.discard()
  expect(readdirSync(join(dir, 'spool'))).toEqual([])
})

it('holds what is small in memory, and what grows beyond that from its beginning in the file', async () => {
  const spool = openSpool(dir, 0, undefined, 8)
  const file = await spool.create(8)
  await file.write(Buffer.from('Hello, '))
  expect(readdirSync(dir)).toEqual([])
  await file.write(Buffer.from('!'))
  await file.finish()
  expect(await contentOf(file.read())).toBe('Hello, !')
  expect(await contentOf(file.read())).toBe('Hello, !')
  expect(readdirSync(dir)).toEqual([])
  file.discard()
})

it('sweeps away what is left of the last run', () => {
  writeFileSync(join(dir, 'old'), 'x')
  openSpool(dir, 0)
  expect(readdirSync(dir)).toEqual([])
})

it.each(['ENOSPC', 'EDQUOT'])('says that there is no room when a write fails with %s', async (code) => {
  const file = await openSpool(dir, 0, failing(code), 0).create(undefined)
  await expect(file.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'spool_full', status: 503 })
  file.discard()
  expect(readdirSync(dir)).toEqual([])
})

it('takes no other failure for a lack of room', async () => {
  const file = await openSpool(dir, 0, failing('EIO'), 0).create(undefined)
  await expect(file.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'EIO' })
  file.discard()
})

it('leaves the reserve alone: by what is announced, and again while it writes', async () => {
  let free = 100 << 20
  const spool = openSpool(dir, 50 << 20, { ...enough, free: async () => free })
  await expect(spool.create(60 << 20)).rejects.toMatchObject({ code: 'spool_full' })
  const file = await spool.create(undefined)
  const piece = Buffer.alloc(8 << 20)
  await file.write(piece)
  free = 40 << 20
  const writeTwice = async (): Promise<void> => {
    await file.write(piece)
    await file.write(piece)
  }
  await expect(writeTwice()).rejects.toMatchObject({ code: 'spool_full' })
  file.discard()
  expect(readdirSync(dir)).toEqual([])
})
