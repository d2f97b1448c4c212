/** What every driver of the store of films must do, as tests that each driver runs against its real database. */
import { describe, expect, it } from 'vitest'
import type { StoredVideo, VideoJobStore } from '../../stores/video-job-store.ts'

export interface VideoJobStoreFixture extends AsyncDisposable {
  readonly videos: VideoJobStore
}

const now = 1_800_000_000_000

/** A job that is being made. */
export function sampleVideo(id: string, more: Partial<StoredVideo> = {}): StoredVideo {
  return {
    owner: 'key_1',
    id: `video_${id}`,
    createdAt: now,
    deployment: 'p/m',
    dialect: 'd',
    remoteId: `there_${id}`,
    prompt: "O'Reilly \u0000 🦦",
    seconds: 4,
    size: '1280x720',
    state: { status: 'queued' },
    dueAt: now + 5000,
    account: { exchangeId: `ex_${id}`, requestId: 'r', modelAsked: 'm', held: 0 },
    ...more,
  }
}

/** `open` gives an empty store each time. */
export function describeVideoJobStore(name: string, open: () => Promise<VideoJobStoreFixture>): void {
  describe(`store of films: ${name}`, () => {
    it('gives back a job exactly as it was put, and its later states in place of it', async () => {
      await using fixture = await open()
      const { videos } = fixture
      const full = sampleVideo('a', {
        credential: 2,
        remixedFrom: 'video_b',
        state: { status: 'failed', failure: { code: 'c', message: 'm' }, expiresAt: 5 },
        account: {
          exchangeId: 'e',
          requestId: 'r',
          key: { id: 'key_1', name: 'one', budgets: [{ usd: 5, per: 'day' }] },
          modelAsked: 'm',
          cost: 7,
          held: 9,
        },
      })
      videos.put(full)
      expect(videos.get('key_1', full.id)).toEqual(full)
      const { dueAt: _, ...over } = { ...full, completedAt: now }
      videos.put(over)
      expect(videos.get('key_1', full.id)).toEqual(over)
    })

    it('shows a job to nobody but its owner, and lets two owners have the same id', async () => {
      await using fixture = await open()
      const { videos } = fixture
      videos.put(sampleVideo('a'))
      videos.put(sampleVideo('a', { owner: 'key_2', prompt: 'other' }))
      expect(videos.get('key_3', 'video_a')).toBeUndefined()
      expect(videos.list('key_3', { limit: 5, order: 'asc' })).toEqual([])
      expect(videos.list('key_3', { limit: 5, order: 'asc', after: 'video_a' })).toBeUndefined()
      expect(videos.delete('key_3', 'video_a')).toBe(false)
      expect(videos.delete('key_1', 'video_a')).toBe(true)
      expect(videos.get('key_1', 'video_a')).toBeUndefined()
      expect(videos.get('key_2', 'video_a')?.prompt).toBe('other')
    })

    it('lists by time and id in either order, one more than the limit where there are more', async () => {
      await using fixture = await open()
      const { videos } = fixture
      for (const [id, at] of Object.entries({ c: 2, b: 1, a: 1, d: 3 })) videos.put(sampleVideo(id, { createdAt: at }))
      const ids = (order: 'asc' | 'desc', limit: number, after?: string) =>
        videos
          .list('key_1', { order, limit, ...(after !== undefined && { after: `video_${after}` }) })
          ?.map(({ id }) => id.slice(6))
          .join('')
      expect(ids('asc', 9)).toBe('abcd')
      expect(ids('desc', 9)).toBe('dcba')
      expect(ids('asc', 2)).toBe('abc')
      expect(ids('asc', 2, 'b')).toBe('cd')
      expect(ids('desc', 2, 'c')).toBe('ba')
    })

    it('tells what is due, the longest overdue first, and forgets what is over and old', async () => {
      await using fixture = await open()
      const { videos } = fixture
      expect(videos.nextDue()).toBeUndefined()
      videos.put(sampleVideo('a', { dueAt: 30 }))
      videos.put(sampleVideo('b', { dueAt: 10, owner: 'key_2' }))
      videos.put(sampleVideo('c', { dueAt: 20 }))
      const { dueAt: _, ...over } = sampleVideo('d', { createdAt: 5 })
      videos.put(over)
      expect(videos.nextDue()).toBe(10)
      expect(videos.due(20, 9).map(({ id }) => id)).toEqual(['video_b', 'video_c'])
      expect(videos.due(99, 1)).toHaveLength(1)
      expect(videos.unfinished()).toHaveLength(3)
      expect(videos.forget(5)).toBe(0)
      expect(videos.forget(6)).toBe(1)
      expect(videos.get('key_1', 'video_d')).toBeUndefined()
    })
  })
}
