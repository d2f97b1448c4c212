/** Tells a deployment's signals and circuit how an attempt of it went. */
import type { Deployment } from '../../kernel/deployment.ts'
import type { AttemptOutcome } from '../../kernel/signals.ts'
import type { FaultCode } from '../../model/fault.ts'

/** What says that the service does not work. Limits and refused keys have rests of their own. */
const brokenness: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'provider_unreachable',
  'provider_tls',
  'provider_timeout',
  'provider_stalled',
  'provider_cut',
  'provider_malformed',
  'provider_overloaded',
  'provider_error',
])

/** An attempt begins; its end is told with the ticket. */
export function beginAttempt({ signals, circuit }: Deployment): number {
  signals.begin()
  return circuit.enter()
}

export function endAttempt({ signals, circuit }: Deployment, ticket: number, outcome: AttemptOutcome): void {
  signals.end(outcome)
  const { fault } = outcome
  circuit.leave(ticket, fault === undefined ? true : brokenness.has(fault.code) ? false : undefined)
}
