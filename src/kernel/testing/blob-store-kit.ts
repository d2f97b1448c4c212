/** What every driver of the blob store must do, as tests that each driver runs against its real place. */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { BlobStore } from '../../stores/blob-store.ts'

export interface BlobStoreFixture extends AsyncDisposable {
  readonly blobs: BlobStore
  /** Everything that lies in its place, half-written pieces included. */
  contents(): Promise<string[]>
  /** Bytes of a blob that the driver does not write in one piece. */
  readonly long: number
  /** Another store over the same place, as after a crash. */
  again(): BlobStore
}

/** `open` gives an empty store each time. */
export function describeBlobStore(name: string, open: () => Promise<BlobStoreFixture>): void {
  describe(`blob store: ${name}`, () => {
    it.each(['empty', 'short', 'long'] as const)('gives back what is committed, %s', async (length) => {
      await using fixture = await open()
      const { blobs } = fixture
      const bytes = randomBytes({ empty: 0, short: 100_000, long: fixture.long }[length])
      const writer = await blobs.create('file-a', bytes.length)
      for (let at = 0; at < bytes.length; at += 65_536) await writer.write(bytes.subarray(at, at + 65_536))
      expect(writer.size).toBe(bytes.length)
      expect(await blobs.read('file-a')).toBeUndefined()
      await writer.commit()
      expect(bytes.equals(await contentOf(blobs, 'file-a'))).toBe(true)
      if (bytes.length > 0) expect(await contentOf(blobs, 'file-a', 10, 50)).toEqual(bytes.subarray(10, 50))
      await blobs.remove('file-a')
      expect(await blobs.read('file-a')).toBeUndefined()
      expect(await fixture.contents()).toEqual([])
    })

    it('leaves nothing of what is aborted, at whatever length', async () => {
      await using fixture = await open()
      for (const bytes of [0, 10, fixture.long]) {
        const writer = await fixture.blobs.create('file-a', undefined)
        await writer.write(Buffer.alloc(bytes))
        await writer.abort()
        await writer.abort()
        expect(await fixture.blobs.read('file-a')).toBeUndefined()
        expect(await fixture.contents()).toEqual([])
      }
    })

    it('takes away what an earlier run left half-way, and what no file is left of', async () => {
      await using fixture = await open()
      const half = await fixture.blobs.create('file-half', undefined)
      await half.write(Buffer.alloc(fixture.long))
      await write(fixture.blobs, 'file-kept', Buffer.from('kept'))
      const again = fixture.again()
      await again.remove('file-half')
      await again.sweep((id) => id === 'file-kept')
      expect(await fixture.contents()).toEqual([expect.stringContaining('file-kept')])
      expect(await contentOf(again, 'file-kept')).toEqual(Buffer.from('kept'))
      await half.abort()
    })

    it('is not troubled by taking away what is not there', async () => {
      await using fixture = await open()
      await fixture.blobs.remove('file-none')
      expect(await fixture.blobs.read('file-none')).toBeUndefined()
    })

    it('lets a reader have all of what is deleted meanwhile', async () => {
      await using fixture = await open()
      const bytes = randomBytes(300_000)
      await write(fixture.blobs, 'file-a', bytes)
      const reading = await fixture.blobs.read('file-a')
      await fixture.blobs.remove('file-a')
      const chunks: Uint8Array[] = []
      for await (const chunk of reading ?? []) chunks.push(chunk)
      expect(bytes.equals(Buffer.concat(chunks))).toBe(true)
    })

    it('lets go of what is read in part', async () => {
      await using fixture = await open()
      await write(fixture.blobs, 'file-a', randomBytes(2_000_000))
      for await (const chunk of (await fixture.blobs.read('file-a')) ?? []) {
        expect(chunk.length).toBeGreaterThan(0)
        break
      }
      await fixture.blobs.remove('file-a')
      expect(await fixture.contents()).toEqual([])
    })
  })
}

async function write(blobs: BlobStore, id: string, bytes: Buffer): Promise<void> {
  const writer = await blobs.create(id, bytes.length)
  await writer.write(bytes)
  await writer.commit()
}

async function contentOf(blobs: BlobStore, id: string, start?: number, end?: number): Promise<Buffer> {
  const range = start === undefined || end === undefined ? undefined : { start, end }
  const chunks: Uint8Array[] = []
  for await (const chunk of (await blobs.read(id, range)) ?? []) chunks.push(chunk)
  return Buffer.concat(chunks)
}
