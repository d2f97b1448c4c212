/** Sizes of pictures in the terms of services that know others: the nearest shape of a few, or sides within bounds. */
import type { Dimensions, ImageRequest } from '../../../model/image.ts'
import { dimensionsOf } from '../../../model/image.ts'
import { adapt } from '../../../model/loss.ts'
import type { Loss } from '../../../model/loss.ts'

/** `16:9` as a number. */
export function ratioOf(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/.exec(text)
  const ratio = found === null ? Number.NaN : Number(found[1]) / Number(found[2])
  return Number.isFinite(ratio) && ratio > 0 ? ratio : undefined
}

/** How wide a picture is to be for its height, as far as the request says. */
export function wantedRatio({ size, aspectRatio }: ImageRequest): number | undefined {
  if (aspectRatio !== undefined) return ratioOf(aspectRatio)
  const dimensions = dimensionsOf(size)
  return dimensions === undefined ? undefined : dimensions.width / dimensions.height
}

const distance = (one: number, other: number): number => Math.abs(Math.log(one / other))
/** Sizes that are multiples of something miss a shape by a little. */
const asGood = 0.02

/** The one of the service's shapes that is nearest to the wanted one; undefined where none is wanted. */
export function nearestRatio(
  request: ImageRequest,
  known: readonly string[],
  id: string,
  lost: Loss[],
): string | undefined {
  const wanted = wantedRatio(request)
  if (wanted === undefined) return undefined
  if (request.aspectRatio !== undefined && known.includes(request.aspectRatio)) return request.aspectRatio
  const [nearest] = known
    .map((text) => ({ text, off: distance(ratioOf(text) ?? 1, wanted) }))
    .toSorted((a, b) => a.off - b.off)
  if (nearest !== undefined && nearest.off > asGood)
    adapt(
      lost,
      placeOf(request),
      `${id} makes pictures of the shapes ${known.join(', ')}: ${nearest.text} is the nearest`,
    )
  return nearest?.text
}

export const placeOf = ({ aspectRatio }: ImageRequest): string => (aspectRatio === undefined ? 'size' : 'aspect_ratio')

export interface SizeBounds {
  readonly least: number
  readonly most: number
  readonly multiple: number
  /** Of width and height together. */
  readonly mostPixels?: number
  /** Pixels of a picture whose shape alone is wanted. */
  readonly usualPixels?: number
}

/** Width and height that the service can make, as near as can be to what is wanted; undefined where nothing is. */
export function sizeWithin(
  request: ImageRequest,
  bounds: SizeBounds,
  id: string,
  lost: Loss[],
): Dimensions | undefined {
  const ratio = wantedRatio(request)
  if (ratio === undefined) return undefined
  const { usualPixels = 1024 * 1024, mostPixels = Infinity } = bounds
  const asked = request.aspectRatio === undefined ? dimensionsOf(request.size) : undefined
  const wanted = asked ?? { width: Math.sqrt(usualPixels * ratio), height: Math.sqrt(usualPixels / ratio) }
  const scale = Math.min(1, Math.sqrt(mostPixels / (wanted.width * wanted.height)))
  const fitted = { width: side(wanted.width * scale, bounds), height: side(wanted.height * scale, bounds) }
  if (asked !== undefined && (fitted.width !== asked.width || fitted.height !== asked.height))
    adapt(lost, 'size', `${id} cannot make it: ${fitted.width}x${fitted.height} is the nearest`)
  return fitted
}

/** Rounded down where more would be too much. */
function side(length: number, { least, most, multiple, mostPixels }: SizeBounds): number {
  const steps = length / multiple
  const rounded = (mostPixels === undefined ? Math.round(steps) : Math.floor(steps + 1e-9)) * multiple
  return Math.min(Math.floor(most / multiple) * multiple, Math.max(Math.ceil(least / multiple) * multiple, rounded))
}

/** The one of the service's sizes that is nearest in shape, and of those in area. */
export function nearestSize(
  request: ImageRequest,
  known: readonly string[],
  id: string,
  lost: Loss[],
): string | undefined {
  const wanted = wantedRatio(request)
  if (wanted === undefined) return undefined
  const { size } = request
  if (size !== undefined && known.includes(size)) return size
  const asked = dimensionsOf(size)
  const area = asked === undefined ? 1024 * 1024 : asked.width * asked.height
  const [nearest] = known
    .map((text) => ({ text, ...(dimensionsOf(text) ?? { width: 1, height: 1 }) }))
    .toSorted(
      (a, b) =>
        distance(a.width / a.height, wanted) - distance(b.width / b.height, wanted) ||
        distance(a.width * a.height, area) - distance(b.width * b.height, area),
    )
  adapt(lost, placeOf(request), `${id} cannot make it: ${nearest?.text ?? 'its own'} is the nearest`)
  return nearest?.text
}
