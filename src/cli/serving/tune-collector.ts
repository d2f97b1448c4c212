/**
 * Has V8 weigh the memory of buffers together with its own heap. As it comes, V8 collects the whole heap whenever buffers of so many
 * megabytes were made since the last time, which a few hundred long requests are; with all that it loads, the gateway has much to go
 * through each time, and all of that is still in use. Counted together, a collection comes when the sum has really grown.
 */
import { setFlagsFromString } from 'node:v8'

/** The V8 of Node 26, with which this was tried. Another may not know the flag, and would say so on standard error. */
const tried = '14.6.'

/** Whether it was told so. */
export function tuneCollector(version: string = process.versions.v8): boolean {
  const isTried = version.startsWith(tried)
  if (isTried) setFlagsFromString('--external-memory-accounted-in-global-limit')
  return isTried
}
