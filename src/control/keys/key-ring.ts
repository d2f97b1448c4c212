/**
 * Finds the key of a presented secret: those of the configuration first, then the store's. What was found is cached within a
 * bound, and the cache is dropped the moment any process changes the store, so a revoked key is out at once.
 */
import { flatText } from '../../bytes/flat-text.ts'
import type { ConfiguredKey } from '../../config/types.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Fault } from '../../model/fault.ts'
import type { Key } from '../../model/key.ts'
import type { KeyStore } from '../../stores/key-store.ts'
import { hashSecret } from './secret.ts'

const cacheLimit = 10_000
/** Longer than any key; whoever sends more is not hashed for. */
const longestSecret = 512

export class KeyRing {
  readonly #store: KeyStore
  readonly #serverSecret: Buffer
  readonly #clock: Clock
  readonly #cache = new Map<string, Key>()
  #configured = new Map<string, Key>()
  #revision = -1
  /** The store was asked in this turn of the event loop: what came with the turn had been sent before. */
  #isFresh = false
  readonly #turnEnds = (): void => {
    this.#isFresh = false
  }

  constructor(store: KeyStore, serverSecret: Buffer, clock: Clock) {
    this.#store = store
    this.#serverSecret = serverSecret
    this.#clock = clock
  }

  /** Takes over the keys of a configuration; those it no longer has are out from now on. */
  configure(keys: readonly ConfiguredKey[]): void {
    const configured = new Map<string, Key>()
    for (const { name, secret, policy, expiresAt } of keys) {
      configured.set(hashSecret(secret, this.#serverSecret), {
        id: flatText(`cfg_${name}`),
        name,
        policy,
        createdAt: 0,
        ...(expiresAt !== undefined && { expiresAt }),
      })
    }
    this.#configured = configured
    this.#cache.clear()
  }

  /** Throws a Fault (`invalid_key`) unless the secret is of a living key. */
  identify(secret: string): Key {
    if (!this.#isFresh) this.#ask()
    const key = this.#cache.get(secret) ?? this.#lookUp(secret)
    if (key.expiresAt !== undefined && key.expiresAt <= this.#clock.now()) {
      throw new Fault('invalid_key', `The API key "${key.name}" expired at ${new Date(key.expiresAt).toISOString()}.`)
    }
    return key
  }

  /** A living key by its id or name, for people who ask about it. */
  named(idOrName: string): Key | undefined {
    const living = this.living()
    return living.find(({ id }) => id === idOrName) ?? living.find(({ name }) => name === idOrName)
  }

  /** All that may get in now. */
  living(): Key[] {
    return [...this.#configured.values(), ...this.#store.list()].filter(({ revokedAt }) => revokedAt === undefined)
  }

  #ask(): void {
    this.#isFresh = true
    setImmediate(this.#turnEnds)
    const revision = this.#store.revision()
    if (revision === this.#revision) return
    this.#revision = revision
    this.#cache.clear()
  }

  #lookUp(secret: string): Key {
    const key = secret.length > longestSecret ? undefined : this.#find(hashSecret(secret, this.#serverSecret))
    if (key === undefined)
      throw new Fault(
        'invalid_key',
        'The API key is not known here. `sluicegate keys list` shows the keys there are, `sluicegate keys create` makes one.',
      )
    if (key.revokedAt !== undefined) throw new Fault('invalid_key', `The API key "${key.name}" was revoked.`)
    if (this.#cache.size >= cacheLimit) {
      const oldest = this.#cache.keys().next().value
      if (oldest !== undefined) this.#cache.delete(oldest)
    }
    this.#cache.set(secret, key)
    return key
  }

  #find(hash: string): Key | undefined {
    return this.#configured.get(hash) ?? this.#store.findByHash(hash)
  }
}
