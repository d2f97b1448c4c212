/** What is written down before a provider is called, so that money held for an exchange is accounted for even when the process dies. */
import type { NanoUsd } from './money.ts'
import type { ExchangeRecord } from './record.ts'

/** What is known of an exchange by then. The record of the same id settles it; its time decides the budget periods. */
export interface Reservation extends Pick<
  ExchangeRecord,
  | 'id'
  | 'requestId'
  | 'at'
  | 'surface'
  | 'operation'
  | 'keyId'
  | 'keyName'
  | 'endUser'
  | 'modelAsked'
  | 'deployment'
  | 'provider'
  | 'modelServed'
  | 'stream'
> {
  /** The most that the exchange may cost. */
  readonly nano: NanoUsd
}

/**
 * The record of an exchange that the process did not live to finish. Nobody knows what the provider billed, so it is charged what
 * was held: a budget may be tight after a crash, but it is never overspent.
 */
export function crashedRecord(reservation: Reservation): ExchangeRecord {
  const { nano, ...known } = reservation
  return {
    ...known,
    attempts: [],
    cost: nano,
    durationMs: 0,
    overheadMs: 0,
    status: 500,
    outcome: 'crashed',
    fault: 'internal_error',
  }
}
