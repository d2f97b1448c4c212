/**
 * What is known of how deployments do, from all requests together. Every attempt tells how it went; strategies, health and circuits read
 * it. A port: one process keeps it in memory, several can share it.
 */
import type { Fault, FaultCode } from '../model/fault.ts'
import type { NanoUsd } from '../model/money.ts'

/** How an attempt went. */
export interface AttemptOutcome {
  /** Undefined when the answer was good, as far as the client stayed for it. */
  readonly fault?: Fault | undefined
  /** It was let go because another was quicker: it would have taken longer, nobody knows how much. */
  readonly outrun?: boolean
  /** Milliseconds of the whole attempt. */
  readonly durationMs: number
  /** Milliseconds to the first of the answer; of a complete answer the same as to its head. */
  readonly firstByteMs?: number | undefined
  readonly stream: boolean
  /** Tokens that were written, where the provider told. */
  readonly outputTokens?: number | undefined
}

export const signalWindows = ['total', '15m', '1h'] as const
export type SignalWindow = (typeof signalWindows)[number]

/** Sums over a window of time. */
export interface WindowSums {
  readonly requests: number
  /** Of `requests`, those that failed by the provider's fault. */
  readonly failures: number
  /** Answers that were good, and what they took together, in milliseconds. */
  readonly answers: number
  readonly latencyMs: number
  /** Streams that were good, and their times to the first byte together. */
  readonly streams: number
  readonly ttftMs: number
  /** Tokens written, and the milliseconds that writing them took. */
  readonly outputTokens: number
  readonly writingMs: number
  /** Nano-USD. */
  readonly cost: NanoUsd
}

/** Read by strategies. Times are in milliseconds; undefined where too little is known. */
export interface LiveSignals {
  /** Attempts that are under way. */
  readonly inFlight: number
  /** Attempts that have ended. */
  readonly requests: number
  /** Attempts that were under way together of late, by the mean. */
  usualInFlight(): number
  /** Milliseconds that the attempts under way have taken so far, by the mean; 0 when there are none. */
  ageInFlight(): number
  /** Of recent good answers; `quantile` between 0 and 1. */
  latency(quantile: number): number | undefined
  /** Of recent good streams. */
  ttft(quantile: number): number | undefined
  /** Tokens a second of recent good answers: the median. */
  throughput(): number | undefined
  /** Share of recent attempts that failed by the provider's fault, 0 to 1; undefined before there were any. */
  errorRate(): number | undefined
  /** 0 to 100: what share of recent attempts was good, less when they take much longer than they used to. */
  health(): number
  window(window: SignalWindow): WindowSums
  /** Failures since the start, by fault. */
  failuresByFault(): ReadonlyMap<FaultCode, number>
}

export interface DeploymentSignals extends LiveSignals {
  /** An attempt begins. It has to end. */
  begin(): void
  end(outcome: AttemptOutcome): void
  /** What an answer of it cost, once that is known. */
  spent(cost: NanoUsd): void
  /** Monotonic time of the latest attempt's end. */
  readonly lastUsedAt: number
  /** It was checked, beside all traffic. */
  checked(good: boolean): void
}

/** How much may be asked again: a share of the requests, and so many a second in any case. */
export interface RetryBudget {
  readonly ratio: number
  readonly minPerSecond: number
}

/** Of one provider. */
export interface RetryAllowance {
  /** A request comes to it for the first time. */
  asked(): void
  /** A request comes to it again; false where it should not. */
  take(budget: RetryBudget): boolean
  /** Whether it would give one now. */
  has(budget: RetryBudget): boolean
}

export type CircuitState = 'closed' | 'open' | 'half-open'

/** Keeps requests from a deployment that fails, until it has shown that it works again. */
export interface Circuit {
  readonly state: CircuitState
  /** Somebody has set it, and it stays so until somebody sets it again. */
  readonly isHeld: boolean
  /** Milliseconds that it should be left alone for; 0 when it may be called. */
  waitMs(): number
  /** A call is made, whatever `waitMs` says. Gives a ticket to leave with. */
  enter(): number
  /** The call is over. `undefined`: it tells nothing of the deployment, as when the client left. */
  leave(ticket: number, good: boolean | undefined): void
}

/** What the provider did wrong or would not do, rather than what was wrong with the request. */
const against: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'provider_unreachable',
  'provider_tls',
  'provider_timeout',
  'provider_stalled',
  'provider_cut',
  'provider_malformed',
  'provider_too_large',
  'provider_overloaded',
  'provider_error',
  'provider_rate_limited',
  'provider_authentication',
  'provider_billing',
])

/** Whether it is held against the deployment. */
export const countsAgainst = (code: FaultCode): boolean => against.has(code)
