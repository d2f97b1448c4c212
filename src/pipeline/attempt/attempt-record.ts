/** An attempt as the record of its exchange has it. */
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { Fault } from '../../model/fault.ts'
import type { AttemptRecord } from '../../model/record.ts'
import { recordText } from '../record-text.ts'

/** Moments are monotonic milliseconds. */
export interface AttemptFacts {
  readonly exchange: Exchange
  readonly deployment: Deployment
  readonly sentAt: number
  readonly firstByteAt: number | undefined
  readonly now: number
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly fault: Fault | undefined
  /** Another was quicker. */
  readonly outrun: boolean
}

export function attemptRecord(facts: AttemptFacts): AttemptRecord {
  const { exchange, deployment, sentAt, firstByteAt, now, status, headers, fault, outrun } = facts
  const { id, provider, model, credential } = deployment
  const requestId = headers['x-request-id'] ?? headers['request-id']
  return {
    deployment: id,
    provider,
    model,
    ...(credential !== undefined && { credential }),
    startedMs: milliseconds(sentAt - exchange.startedAt),
    durationMs: milliseconds(now - sentAt),
    ...(firstByteAt !== undefined && { firstByteMs: milliseconds(firstByteAt - sentAt) }),
    ...(status !== undefined && { status }),
    ...(fault !== undefined && { fault: fault.code, message: recordText(deployment.redact(fault.message)) }),
    ...(outrun && { outrun }),
    ...(requestId !== undefined && { upstreamRequestId: recordText(deployment.redact(requestId)) }),
  }
}

const milliseconds = (value: number): number => Math.round(value * 1000) / 1000
