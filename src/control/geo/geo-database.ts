/** Where an address of the internet is, by a MaxMind database of cities (GeoLite2, GeoIP2, and others in their format). */
import { readFileSync } from 'node:fs'
import { Reader } from 'maxmind'
import type { Response } from 'maxmind'
import { ConfigError } from '../../config/problem.ts'
import type { Coordinates } from '../../model/place.ts'

export type Locate = (address: string) => Coordinates | undefined

/** Reads all of it into memory: a lookup touches no disk. Throws a ConfigError. */
export function openGeoDatabase(file: string): Locate {
  const reader = readDatabase(file)
  return (address) => {
    let found: unknown
    try {
      found = reader.get(address)
    } catch {
      // No address at all, or of a family that it does not know.
      return undefined
    }
    const { latitude, longitude } =
      (found as { location?: { latitude?: unknown; longitude?: unknown } } | null)?.location ?? {}
    return typeof latitude === 'number' && typeof longitude === 'number' ? [latitude, longitude] : undefined
  }
}

function readDatabase(file: string): Reader<Response> {
  try {
    return new Reader<Response>(readFileSync(file))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    const why =
      code === 'ENOENT'
        ? `there is no file ${file}`
        : code === undefined
          ? `${file} is no MaxMind database (${error instanceof Error ? error.message : 'unknown error'})`
          : `${file} cannot be read (${code})`
    throw new ConfigError([{ file: 'configuration', path: 'geo.database', message: why }])
  }
}
