/** All keys that the gateway knows, those of the configuration and those of the database, in one list. */
import type { Config } from '../config/types.ts'
import { nearest } from '../model/nearest.ts'
import type { Key } from '../model/key.ts'
import type { KeyStore } from '../stores/key-store.ts'
import { CliError } from './cli-error.ts'

export interface KnownKey extends Key {
  readonly origin: 'config' | 'database'
  /** First characters of the secret; none for keys of the configuration. */
  readonly hint?: string
}

export type KeyState = 'active' | 'expired' | 'revoked'

export function stateOf({ revokedAt, expiresAt }: Key, now: number): KeyState {
  if (revokedAt !== undefined) return 'revoked'
  return expiresAt !== undefined && expiresAt <= now ? 'expired' : 'active'
}

/** The configuration's first, then the database's, oldest first. */
export function knownKeys(config: Config, store: KeyStore | undefined): KnownKey[] {
  const configured = config.keys.map(({ name, policy, expiresAt }): KnownKey => {
    return {
      origin: 'config',
      id: configuredKeyId(name),
      name,
      policy,
      createdAt: 0,
      ...(expiresAt !== undefined && { expiresAt }),
    }
  })
  const stored = (store?.list() ?? []).map((key): KnownKey => ({ ...key, origin: 'database' }))
  return [...configured, ...stored]
}

/** The id under which records and sums know a key of the configuration. */
export const configuredKeyId = (name: string): string => `cfg_${name}`

/** The key of this id, else the newest of this name, living ones first. Throws a CliError that names the nearest. */
export function findKey(keys: readonly KnownKey[], idOrName: string): KnownKey {
  const named = keys.filter(({ name }) => name === idOrName)
  const found =
    keys.find(({ id }) => id === idOrName) ??
    named.find(({ revokedAt }) => revokedAt === undefined) ??
    named[named.length - 1]
  if (found !== undefined) return found
  const [likely] = nearest(
    idOrName,
    keys.map(({ name }) => name),
  )
  throw new CliError(`there is no key "${idOrName}"`, {
    hint: likely === undefined ? '`sluicegate keys list` shows the keys there are' : `did you mean "${likely}"?`,
  })
}
