/**
 * The contract of whatever consumes the records of finished exchanges. A sink is called after the record is on its way to the journal
 * and must return at once: what takes time, it queues within a bound of its own.
 */
import type { ExchangeRecord } from '../model/record.ts'

export interface Sink {
  readonly id: string
  /** `json` is the record as JSON, made once for all. Must not throw. */
  write(record: ExchangeRecord, json: string): void
}
