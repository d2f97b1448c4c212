/** What every driver of the key store must do, as tests that each driver runs against its real database. */
import { describe, expect, it } from 'vitest'
import type { KeyStore, StoredKey } from '../../stores/key-store.ts'
import { KeyConflictError } from '../../stores/key-store.ts'

export interface KeyStoreFixture extends AsyncDisposable {
  readonly store: KeyStore
  /** A connection of its own to the same data, as another process would have. */
  readonly other: KeyStore
}

/** `open` gives an empty store each time. */
export function describeKeyStore(name: string, open: () => Promise<KeyStoreFixture>): void {
  describe(`key store: ${name}`, () => {
    it('gives back a key exactly as it was created, found by its hash', async () => {
      await using fixture = await open()
      const key = sampleKey('a', {
        name: 'ключ "prod" 🔑',
        expiresAt: 1_900_000_000_000,
        policy: {
          models: ['*', 'openai/gpt-*'],
          requests: [{ count: 60, per: 'minute' }],
          tokens: [{ count: 100_000, per: 'day' }],
          budgets: [{ usd: Number.MAX_SAFE_INTEGER, per: 'total' }],
        },
      })
      fixture.store.create(key)
      expect(fixture.store.findByHash(key.hash)).toEqual(key)
      expect(fixture.store.list()).toEqual([key])
      expect(fixture.store.findByHash(key.hash.slice(1))).toBeUndefined()
      expect(fixture.store.findByHash('')).toBeUndefined()
    })

    it('lists all keys, oldest first, revoked ones too', async () => {
      await using fixture = await open()
      for (const [id, createdAt] of [
        ['c', 3],
        ['a', 1],
        ['b', 2],
      ] as const)
        fixture.store.create(sampleKey(id, { createdAt }))
      fixture.store.revoke('key_b', 9)
      expect(fixture.store.list().map((key) => [key.id, key.revokedAt])).toEqual([
        ['key_a', undefined],
        ['key_b', 9],
        ['key_c', undefined],
      ])
    })

    it('refuses a name that a living key has, and gives it away again once that key is revoked', async () => {
      await using fixture = await open()
      fixture.store.create(sampleKey('a', { name: 'prod' }))
      expect(() => fixture.store.create(sampleKey('b', { name: 'prod' }))).toThrow(KeyConflictError)
      expect(() => fixture.other.create(sampleKey('b', { name: 'prod' }))).toThrow(KeyConflictError)
      fixture.store.revoke('prod', 5)
      fixture.store.create(sampleKey('b', { name: 'prod' }))
      expect(fixture.store.list().map((key) => key.id)).toEqual(['key_a', 'key_b'])
    })

    it('refuses a second key of the same id or hash, even of a revoked key', async () => {
      await using fixture = await open()
      fixture.store.create(sampleKey('a', { name: 'one' }))
      fixture.store.revoke('key_a', 5)
      expect(() => fixture.store.create(sampleKey('a', { name: 'two', hash: 'ff' }))).toThrow(KeyConflictError)
      expect(() => fixture.store.create(sampleKey('b', { name: 'two', hash: sampleKey('a').hash }))).toThrow(
        KeyConflictError,
      )
      expect(fixture.store.list()).toHaveLength(1)
    })

    it('revokes by id or by name, once; an id goes before a name that looks the same', async () => {
      await using fixture = await open()
      fixture.store.create(sampleKey('a', { name: 'alpha' }))
      fixture.store.create(sampleKey('b', { name: 'key_a' }))
      expect(fixture.store.revoke('nobody', 1)).toBe(false)
      expect(fixture.store.revoke('key_a', 7)).toBe(true)
      expect(fixture.store.list().map((key) => key.revokedAt)).toEqual([7, undefined])
      expect(fixture.store.revoke('alpha', 8)).toBe(false)
      expect(fixture.store.revoke('key_a', 8)).toBe(true)
      expect(fixture.store.list().map((key) => key.revokedAt)).toEqual([7, 8])
      expect(fixture.store.findByHash(sampleKey('a').hash)?.revokedAt).toBe(7)
    })

    it('changes its revision for its own changes and for those of another connection, and for nothing else', async () => {
      await using fixture = await open()
      const revisions = [fixture.store.revision()]
      const note = (): void => void revisions.push(fixture.store.revision())
      fixture.store.create(sampleKey('a'))
      note()
      fixture.other.create(sampleKey('b'))
      note()
      fixture.other.revoke('key_a', 1)
      note()
      fixture.store.revoke('key_b', 1)
      note()
      expect(new Set(revisions).size).toBe(5)
      const settled = fixture.store.revision()
      fixture.store.list()
      fixture.store.findByHash('x')
      fixture.store.revoke('nobody', 1)
      expect(() => fixture.store.create(sampleKey('a', { name: 'again' }))).toThrow(KeyConflictError)
      expect(fixture.store.revision()).toBe(settled)
      expect(fixture.store.revision()).toBe(fixture.other.revision())
    })

    it('takes hostile text as text', async () => {
      await using fixture = await open()
      const name = `x'); DROP TABLE keys; -- \u0000 "\\`
      fixture.store.create(sampleKey('a', { name }))
      expect(fixture.store.list()[0]?.name).toBe(name)
      expect(fixture.store.revoke("' OR 1=1 --", 1)).toBe(false)
      expect(fixture.store.revoke(name, 1)).toBe(true)
    })
  })
}

/** A key that differs from others by `id` in everything that must be unique. */
export function sampleKey(id: string, overrides: Partial<StoredKey> = {}): StoredKey {
  return {
    id: `key_${id}`,
    name: `name-${id}`,
    hash: Buffer.from(id).toString('hex').padStart(64, '0'),
    hint: `sk-${id}`,
    policy: { models: ['*'] },
    createdAt: 1_700_000_000_000,
    ...overrides,
  }
}
