/** The fault of a service whose status says what kind it is, and whose body has the words for it. */
import { retryAfterMs } from './retry-after.ts'
import { Fault } from '../../model/fault.ts'
import type { FaultCode } from '../../model/fault.ts'

const longestMessage = 2000

export interface PlainError {
  readonly message: unknown
  /** The service's own word for the kind. */
  readonly code?: unknown
  readonly requestId?: unknown
  /** The status that came, where another says better what it means. */
  readonly status?: number
}

export function codeOfStatus(status: number): FaultCode {
  if (status === 401 || status === 403) return 'provider_authentication'
  if (status === 402) return 'provider_billing'
  if (status === 404) return 'provider_not_found'
  if (status === 408 || status === 504) return 'provider_timeout'
  if (status === 429) return 'provider_rate_limited'
  if (status === 503 || status === 529) return 'provider_overloaded'
  return status >= 400 && status < 500 ? 'provider_rejected' : 'provider_error'
}

/** `meant` is the status that decides; a body that is plain text is the message where there is no other. */
export function plainFault(
  meant: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
  { message, code: word, requestId, status = meant }: PlainError,
): Fault {
  const plain = typeof body === 'string' && !/^\s*</.test(body) ? body : undefined
  const text = [message, plain].find((value) => typeof value === 'string' && value.trim() !== '')
  const code = codeOfStatus(meant)
  const wait = retryAfterMs(headers)
  return new Fault(
    code,
    typeof text === 'string'
      ? text.slice(0, longestMessage)
      : `The provider answered with status ${status} and no message.`,
    {
      ...(code === 'provider_rejected' && { status }),
      ...(wait !== undefined && { retryAfterMs: wait }),
      upstream: {
        status,
        ...(typeof word === 'string' && word !== '' && { code: word }),
        ...(typeof requestId === 'string' && requestId !== '' && { requestId }),
      },
    },
  )
}

/** For protocols that have no member for the field at fault: the message begins with it. */
export function namedMessageOf(fault: Fault): string {
  return fault.param === undefined || fault.upstream !== undefined || fault.message.includes(fault.param)
    ? fault.message
    : `${fault.param}: ${fault.message}`
}
