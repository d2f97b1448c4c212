/** Errors of Replicate: `{ detail }` with the status for the kind, and the seconds to wait within the words. */
import { statusFaultCodec } from '../../kernel/codec/status-faults.ts'
import { throttledFor } from './throttled-for.ts'

export const replicateFaults = statusFaultCodec({
  messages: ({ detail, error, title }) => [detail, error, title],
  body: (fault) => ({ detail: fault.message }),
  waits: ({ detail }) => throttledFor(detail),
})
