/** How long a refusal for too many requests asks to wait: `Request was throttled. Expected available in 1 second.` */
import type { JsonValue } from '../../model/json.ts'

/** Milliseconds. https://replicate.com/docs/reference/http#rate-limits */
export function throttledFor(detail: JsonValue | undefined): number | undefined {
  const seconds = typeof detail === 'string' ? /available in (\d+(?:\.\d+)?) seconds?/.exec(detail)?.[1] : undefined
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000)
}
