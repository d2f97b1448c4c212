/** The fault of a service whose status says what kind it is, and whose body has the words for it. */
import { retryAfterMs } from './retry-after.ts'
import { faultCodeOfStatus, faultMessage } from './status-faults.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonValue } from '../../model/json.ts'

export interface PlainError {
  readonly message: JsonValue | undefined
  /** The service's own word for the kind. */
  readonly code?: unknown
  readonly requestId?: unknown
  /** The status that came, where another says better what it means. */
  readonly status?: number
}

/** `meant` is the status that decides; a body that is plain text is the message where there is no other. */
export function plainFault(
  meant: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
  { message, code: word, requestId, status = meant }: PlainError,
): Fault {
  const code = faultCodeOfStatus(meant)
  const wait = retryAfterMs(headers)
  return new Fault(
    code,
    faultMessage(body, () => [message]) ?? `The provider answered with status ${status} and no message.`,
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
