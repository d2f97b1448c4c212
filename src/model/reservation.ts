/** What is written down before a provider is called, so that money held for an exchange is accounted for even when the process dies. */
import type { NanoUsd } from './money.ts'
import type { Operation } from './operation.ts'
import type { ExchangeRecord } from './record.ts'

export interface Reservation {
  /** The exchange's id: the record of the same id settles it. */
  readonly id: string
  readonly requestId: string
  /** Unix milliseconds when the request's head had arrived; decides the budget periods. */
  readonly at: number
  readonly surface: string
  readonly operation: Operation
  readonly keyId?: string
  readonly keyName?: string
  readonly endUser?: string
  readonly modelAsked?: string
  readonly deployment?: string
  readonly provider?: string
  readonly modelServed?: string
  readonly stream: boolean
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
