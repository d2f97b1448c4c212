/** The contract of whatever consumes the records of finished exchanges. Sinks run after the answer and never delay it. */
import type { ExchangeRecord } from '../model/record.ts'

export interface Sink extends AsyncDisposable {
  readonly id: string
  /** Must not throw for one bad record; may be called with a batch after a restart. */
  write(batch: readonly ExchangeRecord[]): void | Promise<void>
}
