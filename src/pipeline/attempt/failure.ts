/** What a failed attempt means: which fault it is, whether another target may do better, and whether the same one may later. */
import type { TransportError, TransportFailure } from '../../kernel/transport.ts'
import { Fault } from '../../model/fault.ts'
import type { FaultCode } from '../../model/fault.ts'

const codeOf: Record<TransportFailure, FaultCode> = {
  connect: 'provider_unreachable',
  'connect-timeout': 'provider_unreachable',
  reset: 'provider_unreachable',
  tls: 'provider_tls',
  malformed: 'provider_malformed',
  'refused-address': 'provider_unreachable',
}

const saying: Record<TransportFailure, string> = {
  connect: 'no connection could be made',
  'connect-timeout': 'no connection could be made in time',
  reset: 'the connection broke before the answer was complete',
  tls: 'the TLS handshake failed',
  malformed: 'it answered with something that is not HTTP',
  'refused-address': 'its address is one that the gateway does not call',
}

/** Tells the client what went wrong, without addresses or anything else of the network behind the gateway. */
export function faultOfTransport(error: TransportError, provider: string): Fault {
  return new Fault(codeOf[error.failure], `${provider}: ${saying[error.failure]}.`, {
    cause: error,
    upstream: { provider },
  })
}

/**
 * What a client hears of a failure. How the gateway stands with a provider, whose key or credit was refused, is nobody's concern but
 * its own: quoting the provider could give away part of the credential, and would look to the client as if its own key were wrong.
 */
export function toldToClient(fault: Fault, provider: string): Fault {
  const { code, upstream } = fault
  if (upstream === undefined || (code !== 'provider_authentication' && code !== 'provider_billing')) return fault
  const what =
    code === 'provider_billing'
      ? `The gateway's account at ${provider} has no credit left.`
      : Object.keys(upstream).length === 0
        ? `The gateway could not get a credential for ${provider}.`
        : `${provider} refused the credential that the gateway has for it.`
  const words = `${what} Only whoever runs the gateway can change that.`
  return new Fault(code, words, {
    cause: fault,
    upstream: { provider, ...(upstream.status !== undefined && { status: upstream.status }) },
  })
}

/** Statuses at which another target may do better: never for other 4xx, which say that the request itself is wrong. */
const failoverStatuses = new Set([401, 402, 403, 404, 408, 409, 429])

export function mayFailOver(fault: Fault, upstreamStatus: number | undefined): boolean {
  if (upstreamStatus !== undefined && upstreamStatus >= 400)
    return upstreamStatus >= 500 || failoverStatuses.has(upstreamStatus)
  // The same refusal without a status: told inside a stream, or with a status of success.
  if (fault.code === 'provider_rejected') return false
  return fault.side === 'provider'
}

/** Statuses that will not change by asking the same target again soon. */
export function mayRetry(fault: Fault, upstreamStatus: number | undefined): boolean {
  if (upstreamStatus === 409) return true
  return fault.retryable
}
