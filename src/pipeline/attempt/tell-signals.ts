/** Tells a deployment's signals and circuit how an attempt of it went. */
import type { Deployment } from '../../kernel/deployment.ts'
import type { AttemptOutcome } from '../../kernel/signals.ts'
import type { SlotOutcome } from '../../kernel/slots.ts'
import type { Fault, FaultCode } from '../../model/fault.ts'

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

/** What says that it is asked too much. */
const overload: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'provider_rate_limited',
  'provider_overloaded',
  'provider_timeout',
  'provider_stalled',
])

export const slotOutcome = (fault: Fault | undefined): SlotOutcome['kind'] =>
  fault === undefined ? 'good' : overload.has(fault.code) ? 'overloaded' : 'other'

type Attempted = Pick<Deployment, 'signals' | 'circuit'>

/** An attempt begins; its end is told with the ticket. */
export function beginAttempt({ signals, circuit }: Attempted): number {
  signals.begin()
  return circuit.enter()
}

export function endAttempt({ signals, circuit }: Attempted, ticket: number, outcome: AttemptOutcome): void {
  signals.end(outcome)
  const { fault, outrun } = outcome
  circuit.leave(
    ticket,
    outrun === true ? undefined : fault === undefined ? true : brokenness.has(fault.code) ? false : undefined,
  )
}
