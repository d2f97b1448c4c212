/**
 * A file that came with a request. Nobody holds it in memory: it lies in the spool, and is read anew for each provider that it is
 * sent to. What else the form had is the request's body, as a JSON object of texts.
 */
import type { BodySource } from './transport.ts'

export interface Upload extends BodySource {
  readonly length: number
  /** As the client called it. */
  readonly name: string
  /** By its first bytes; as the client said where they tell nothing. */
  readonly type: string
  /** Gives the file up. Calls under way read it to its end. */
  discard(): void
}

export interface ReceivedForm {
  /** The form's fields; the file stands under `file`, as `{ name, type, size, audio_ms }`. */
  readonly fields: Uint8Array
  readonly upload: Upload
}
