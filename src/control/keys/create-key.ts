/** Makes a key: the secret is returned this one time, the store gets its hash. */
import { randomBytes } from 'node:crypto'
import type { KeyPolicy } from '../../model/key.ts'
import type { KeyStore, StoredKey } from '../../stores/key-store.ts'
import { hashSecret, hintOf, newSecret } from './secret.ts'

export interface NewKey {
  readonly name: string
  readonly policy: KeyPolicy
  /** Unix milliseconds. */
  readonly now: number
  readonly expiresAt?: number
}

/** Throws a KeyConflictError when a living key has the name. */
export function createKey(
  store: KeyStore,
  serverSecret: Buffer,
  { name, policy, now, expiresAt }: NewKey,
): { key: StoredKey; secret: string } {
  const secret = newSecret()
  const key: StoredKey = {
    id: `key_${randomBytes(8).toString('hex')}`,
    name,
    policy,
    createdAt: now,
    ...(expiresAt !== undefined && { expiresAt }),
    hash: hashSecret(secret, serverSecret),
    hint: hintOf(secret),
  }
  store.create(key)
  return { key, secret }
}
