/**
 * Where requests are processed: a region, the area whose law holds there, and where that is on the map. Policies of residency name areas
 * or regions; what is in no area that is known is within none.
 */
import { cloudRegions } from './cloud-regions.ts'

/** Latitude and longitude in degrees. */
export type Coordinates = readonly [latitude: number, longitude: number]

export interface Place {
  /** As the provider or the configuration calls it: `eu-central-1`. */
  readonly region: string
  /** `eu`, or a country: `uk`, `us`, `ch`. */
  readonly area?: string
  readonly at?: Coordinates
}

/** Areas that lie in greater ones. Switzerland and the United Kingdom are in none of the Union's. */
const greater: Readonly<Record<string, readonly string[]>> = {
  eu: ['eea', 'europe'],
  eea: ['europe'],
  uk: ['europe'],
  ch: ['europe'],
}

/** What services call a region that is a whole area. */
const wide: Readonly<Record<string, string>> = { china: 'cn', cn: 'cn', europe: 'europe', eu: 'eu', us: 'us' }

/** What is declared beside the regions that are known. */
export type DeclaredRegions = ReadonlyMap<string, Omit<Place, 'region'>>

export const knownAreas: ReadonlySet<string> = new Set([
  ...Object.values(cloudRegions).map(([area]) => area),
  ...Object.values(wide),
  ...Object.keys(greater),
  ...Object.values(greater).flat(),
])

export function placeOf(region: string, declared?: DeclaredRegions): Place {
  const own = declared?.get(region)
  if (own !== undefined) return { region, ...own }
  if (Object.hasOwn(cloudRegions, region)) {
    const [area, latitude, longitude] = cloudRegions[region] ?? ['', 0, 0]
    return { region, area, at: [latitude, longitude] }
  }
  const area = Object.hasOwn(wide, region) ? wide[region] : knownAreas.has(region) ? region : undefined
  return area === undefined ? { region } : { region, area }
}

/** Whether a name of a policy holds a place. */
export const holds = (name: string, { region, area }: Place): boolean =>
  name === region || (area !== undefined && (name === area || greater[area]?.includes(name) === true))

/** Policies that all have to be kept; each is kept within any of its areas and regions. */
export type Residency = readonly (readonly string[])[]

/** A place that nobody knows keeps no policy. */
export const keeps = (residency: Residency, place: Place | undefined): boolean =>
  residency.every((names) => place !== undefined && names.some((name) => holds(name, place)))

/** `eu`, or `eu or uk, and uk`. */
export const residencyText = (residency: Residency): string =>
  residency.map((names) => names.join(' or ')).join(', and ')

const radians = Math.PI / 180

/** On the sphere, in kilometres. */
export function distanceBetween(
  [latitude, longitude]: Coordinates,
  [otherLatitude, otherLongitude]: Coordinates,
): number {
  const half = (degrees: number): number => Math.sin((degrees * radians) / 2) ** 2
  const chord =
    half(otherLatitude - latitude) +
    Math.cos(latitude * radians) * Math.cos(otherLatitude * radians) * half(otherLongitude - longitude)
  return 12_742 * Math.asin(Math.min(1, Math.sqrt(chord)))
}
