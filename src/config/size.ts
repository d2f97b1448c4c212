/** Sizes as people write them (`32MiB`, `500kB`, `1024`), in bytes. */
import { ScalarError } from '../kernel/scalar-error.ts'

const unitBytes = new Map([
  ['B', 1],
  ['kB', 1000],
  ['KB', 1000],
  ['MB', 1000 ** 2],
  ['GB', 1000 ** 3],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
])

const hint = 'write bytes, or a number with KiB, MiB or GiB (kB, MB, GB for powers of ten): `32MiB`'

/** Bytes; throws a ScalarError. A bare number is bytes. */
export function parseSize(value: string | number): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(String(value).trim())
  const factor = unitBytes.get(match?.[2] === '' ? 'B' : (match?.[2] ?? '?'))
  if (match === null || factor === undefined) throw new ScalarError('is not a size', hint)
  const bytes = Number(match[1]) * factor
  if (!Number.isSafeInteger(bytes)) throw new ScalarError('is not a whole number of bytes', hint)
  return bytes
}

/** The largest binary unit that divides it: 33554432 → `32MiB`. */
export function formatSize(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB']) {
    const factor = unitBytes.get(unit) ?? 1
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`
  }
  return String(bytes)
}
