/** The port that keeps clients' keys. Only a keyed hash of a secret ever reaches it. */
import type { Key } from '../model/key.ts'

export interface StoredKey extends Key {
  /** HMAC-SHA-256 of the secret under the server secret, hex. */
  readonly hash: string
  /** First characters of the secret, so that a person can tell keys apart. */
  readonly hint: string
}

export interface KeyStore {
  /** Revoked and expired keys too: the caller decides what they may still do. */
  findByHash(hash: string): StoredKey | undefined
  /** All keys, revoked ones too, oldest first. */
  list(): StoredKey[]
  /** Throws a KeyConflictError when a living key has the same name, or any key the same id or hash. An expired key lives until it is revoked. */
  create(key: StoredKey): void
  /** False when there is no living key of that id or name. */
  revoke(idOrName: string, at: number): boolean
  /**
   * A number that changes whenever any process changed the keys: cheap enough to ask on every request, so that a cache in front of
   * the store is never stale.
   */
  revision(): number
}

export class KeyConflictError extends Error {
  override readonly name = 'KeyConflictError'
}
