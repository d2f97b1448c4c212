/**
 * What a reload leaves as it was stays the same object: how a provider does, which of its circuits are open and which of its credentials
 * rest belongs to its settings, and is not forgotten because something else in the file has changed.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Config } from './types.ts'

export function keepUnchanged(before: Config, next: Config): Config {
  const providers = new Map(
    Array.from(next.providers, ([name, settings]) => {
      const known = before.providers.get(name)
      return [name, known !== undefined && isDeepStrictEqual(known, settings) ? known : settings]
    }),
  )
  return { ...next, providers }
}
