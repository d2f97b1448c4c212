/** Blobs in a directory, against the conformance kit, and disks that are full. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { describeBlobStore } from '../../../kernel/testing/blob-store-kit.ts'
import { filesystemBlobStore } from './blob-store.ts'
import type { BlobFiles } from './blob-store.ts'

function fixture(files?: BlobFiles, reserve = 0) {
  const dir = mkdtempSync(join(tmpdir(), 'sluicegate-blobs-'))
  const contents = (): string[] =>
    ['incoming', 'content'].flatMap((folder) => readdirSync(join(dir, folder)).map((name) => `${folder}/${name}`))
  return {
    dir,
    blobs: filesystemBlobStore(dir, reserve, files),
    contents: () => Promise.resolve(contents()),
    long: 1_000_000,
    again: () => filesystemBlobStore(dir, 0),
    [Symbol.asyncDispose]() {
      rmSync(dir, { recursive: true, force: true })
      return Promise.resolve()
    },
  }
}

describeBlobStore('filesystem', () => Promise.resolve(fixture()))

const enough: BlobFiles = { free: async () => 1 << 30, create: (path) => open(path, 'wx', 0o600) }

it('is for its owner alone', async () => {
  await using place = fixture()
  const writer = await place.blobs.create('file-a', undefined)
  await writer.write(Buffer.from('x'))
  await writer.commit()
  const modes = ['content', 'content/file-a'].map((path) => statSync(join(place.dir, path)).mode & 0o777)
  expect(modes).toEqual([0o700, 0o600])
})

it.each(['ENOSPC', 'EDQUOT'])('says that there is no room when a write fails with %s', async (code) => {
  await using place = fixture({
    ...enough,
    async create(path) {
      const handle = await open(path, 'wx', 0o600)
      return {
        writev: () => Promise.reject(Object.assign(new Error('no'), { code })),
        sync: () => handle.sync(),
        close: () => handle.close(),
      }
    },
  })
  const writer = await place.blobs.create('file-a', undefined)
  await expect(writer.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'spool_full', status: 503 })
  await writer.abort()
  expect(await place.contents()).toEqual([])
})

it('leaves the reserve alone: by what is announced, and again while it writes', async () => {
  let free = 100 << 20
  await using place = fixture({ ...enough, free: async () => free }, 50 << 20)
  await expect(place.blobs.create('file-a', 60 << 20)).rejects.toMatchObject({ code: 'spool_full' })
  const writer = await place.blobs.create('file-a', undefined)
  const piece = Buffer.alloc(8 << 20)
  await writer.write(piece)
  free = 40 << 20
  await expect(writer.write(piece).then(() => writer.write(piece))).rejects.toMatchObject({ code: 'spool_full' })
  await writer.abort()
  expect(await place.contents()).toEqual([])
})
