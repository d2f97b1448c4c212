/** What every driver of the file store must do, as tests that each driver runs against its real database. */
import { describe, expect, it } from 'vitest'
import type { FileStore, StoredFile } from '../../stores/file-store.ts'

export interface FileStoreFixture extends AsyncDisposable {
  readonly files: FileStore
}

const now = 1_800_000_000_000

/** `open` gives an empty store each time. */
export function describeFileStore(name: string, open: () => Promise<FileStoreFixture>): void {
  describe(`file store: ${name}`, () => {
    it('shows a file once it is complete, and as it is by then', async () => {
      await using fixture = await open()
      const { files } = fixture
      files.begin(sampleFile('a', { bytes: 0, name: '' }))
      expect(files.get('key_1', 'file_a', now)).toBeUndefined()
      expect(files.list('key_1', { order: 'asc', limit: 10, now })).toEqual([])
      expect(files.use('key_1')).toEqual({ files: 0, bytes: 0 })
      expect(files.isKnown('file_a')).toBe(true)
      const whole = sampleFile('a', { expiresAt: now + 10, name: 'ö "\u0000".txt' })
      expect(files.complete(whole)).toBe(true)
      expect(files.complete(whole)).toBe(false)
      expect(files.get('key_1', 'file_a', now)).toEqual(whole)
      expect(files.use('key_1')).toEqual({ files: 1, bytes: 100 })
    })

    it('shows nothing of it to another owner, and lets none take it away', async () => {
      await using fixture = await open()
      const { files } = fixture
      put(files, sampleFile('a'))
      files.addCopy('file_a', copy)
      expect(files.get('key_2', 'file_a', now)).toBeUndefined()
      expect(files.list('key_2', { order: 'asc', limit: 10, now })).toEqual([])
      expect(files.byCopy('key_2', copy.provider, copy.remoteId, now)).toBeUndefined()
      expect(files.condemn('key_2', 'file_a')).toBeUndefined()
      expect(files.use('key_2')).toEqual({ files: 0, bytes: 0 })
      expect(files.get('key_1', 'file_a', now)).toBeDefined()
    })

    it('pages through files in both orders and by purpose, in the order in which they came', async () => {
      await using fixture = await open()
      const { files } = fixture
      for (const id of ['a', 'b', 'c', 'd', 'e'])
        put(files, sampleFile(id, { purpose: id === 'c' ? 'batch' : 'user_data' }))
      put(files, sampleFile('x', { owner: 'key_2' }))
      const page = (query: Partial<Parameters<FileStore['list']>[1]>) =>
        files.list('key_1', { order: 'asc', limit: 9, now, ...query }).map(({ id }) => id.slice(5))
      expect(page({ limit: 2 })).toEqual(['a', 'b'])
      expect(page({ limit: 2, after: 'file_b' })).toEqual(['c', 'd'])
      expect(page({ order: 'desc', limit: 2 })).toEqual(['e', 'd'])
      expect(page({ order: 'desc', after: 'file_b' })).toEqual(['a'])
      expect(page({ purpose: 'batch' })).toEqual(['c'])
      expect(page({ purpose: 'user_data', after: 'file_b' })).toEqual(['d', 'e'])
      expect(page({ after: 'file_x' })).toEqual([])
    })

    it('hides what is condemned, and keeps it until it is forgotten', async () => {
      await using fixture = await open()
      const { files } = fixture
      put(files, sampleFile('a'))
      put(files, sampleFile('b'))
      files.addCopy('file_a', copy)
      expect(files.condemn('key_1', 'file_a')).toEqual(sampleFile('a'))
      expect(files.condemn('key_1', 'file_a')).toBeUndefined()
      expect(files.get('key_1', 'file_a', now)).toBeUndefined()
      expect(files.byCopy('key_1', copy.provider, copy.remoteId, now)).toBeUndefined()
      expect(files.use('key_1')).toEqual({ files: 1, bytes: 100 })
      expect(files.left(10)).toEqual([{ ...sampleFile('a'), failures: 0 }])
      expect(files.copies('file_a')).toEqual([copy])
      expect(files.isKnown('file_a')).toBe(true)
      files.forget('file_a')
      expect(files.left(10)).toEqual([])
      expect(files.copies('file_a')).toEqual([])
      expect(files.isKnown('file_a')).toBe(false)
    })

    it('takes away first what failed least', async () => {
      await using fixture = await open()
      const { files } = fixture
      for (const id of ['a', 'b']) {
        put(files, sampleFile(id))
        files.condemn('key_1', `file_${id}`)
      }
      files.failed('file_a')
      expect(files.left(10).map(({ id, failures }) => [id, failures])).toEqual([
        ['file_b', 0],
        ['file_a', 1],
      ])
      expect(files.left(1).map(({ id }) => id)).toEqual(['file_b'])
    })

    it('hides what has expired at once, and condemns it when it is told to', async () => {
      await using fixture = await open()
      const { files } = fixture
      put(files, sampleFile('a', { expiresAt: now + 1 }))
      put(files, sampleFile('b', { expiresAt: now + 2 }))
      put(files, sampleFile('c'))
      expect(files.condemnExpired(now, 10)).toBe(0)
      expect(files.get('key_1', 'file_a', now + 1)).toBeUndefined()
      expect(files.list('key_1', { order: 'asc', limit: 9, now: now + 1 }).map(({ id }) => id)).toEqual([
        'file_b',
        'file_c',
      ])
      expect(files.condemnExpired(now + 5, 1)).toBe(1)
      expect(files.condemnExpired(now + 5, 9)).toBe(1)
      expect(files.left(10).map(({ id }) => id)).toEqual(['file_a', 'file_b'])
      expect(files.use('key_1')).toEqual({ files: 1, bytes: 100 })
    })

    it('condemns what was never finished', async () => {
      await using fixture = await open()
      const { files } = fixture
      files.begin(sampleFile('a'))
      put(files, sampleFile('b'))
      expect(files.condemnUnfinished()).toBe(1)
      expect(files.complete(sampleFile('a'))).toBe(false)
      expect(files.left(10).map(({ id }) => id)).toEqual(['file_a'])
      expect(files.get('key_1', 'file_b', now)).toBeDefined()
    })

    it('remembers one copy for each account, and finds files by it', async () => {
      await using fixture = await open()
      const { files } = fixture
      put(files, sampleFile('a'))
      const other = { provider: 'openai', account: 'two', remoteId: 'r2' }
      files.addCopy('file_a', { ...copy, remoteId: 'old' })
      files.addCopy('file_a', copy)
      files.addCopy('file_a', other)
      expect(files.copies('file_a')).toEqual([copy, other])
      expect(files.byCopy('key_1', 'openai', 'r2', now)).toEqual(sampleFile('a'))
      expect(files.byCopy('key_1', 'azure', 'r2', now)).toBeUndefined()
      files.removeCopy('file_a', { ...copy, remoteId: 'old' })
      files.removeCopy('file_a', other)
      expect(files.copies('file_a')).toEqual([copy])
    })
  })
}

const copy = { provider: 'openai', account: 'one', remoteId: 'file-remote' } as const

function put(files: FileStore, file: StoredFile): void {
  files.begin(file)
  files.complete(file)
}

function sampleFile(id: string, overrides: Partial<StoredFile> = {}): StoredFile {
  return {
    owner: 'key_1',
    id: `file_${id}`,
    createdAt: now,
    purpose: 'user_data',
    name: `${id}.txt`,
    type: 'text/plain',
    bytes: 100,
    home: 'gateway',
    ...overrides,
  }
}
