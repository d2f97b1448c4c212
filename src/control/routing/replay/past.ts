/** Time and signals of the past: what was known of deployments at a moment of it, made anew from the attempts on record. */
import type { ProviderSettings } from '../../../config/types.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { AttemptRecord, ExchangeRecord } from '../../../model/record.ts'
import { Fault } from '../../../model/fault.ts'
import { beginAttempt, endAttempt } from '../../../pipeline/attempt/tell-signals.ts'
import { CredentialStandings } from '../../credentials/credential-standings.ts'
import { RetryBudgets } from '../../signals/retry-budgets.ts'
import { SignalBook } from '../../signals/signal-book.ts'

interface Event {
  readonly at: number
  readonly run: () => void
}

export class Past {
  readonly signals: SignalBook
  readonly standings: CredentialStandings
  readonly retries: RetryBudgets
  readonly #providers: ReadonlyMap<string, ProviderSettings>
  /** To come, the next one last. */
  readonly #events: Event[] = []
  #now = 0

  constructor(providers: ReadonlyMap<string, ProviderSettings>) {
    const clock: Clock = {
      now: () => this.#now,
      monotonic: () => this.#now,
      after: () => ({ cancel() {} }),
    }
    this.#providers = providers
    this.signals = new SignalBook(clock, () => undefined)
    this.standings = new CredentialStandings(clock, () => undefined)
    this.retries = new RetryBudgets(clock)
  }

  /** Unix milliseconds. */
  now(): number {
    return this.#now
  }

  /** Goes on to a moment: everything that happened before it is known then. */
  goTo(at: number): void {
    for (let event = this.#events.at(-1); event !== undefined && event.at <= at; event = this.#events.at(-1)) {
      this.#events.pop()
      this.#now = Math.max(this.#now, event.at)
      event.run()
    }
    this.#now = Math.max(this.#now, at)
  }

  /** What is still to come of an exchange that began now. */
  expect(record: ExchangeRecord): void {
    for (const attempt of record.attempts) if (attempt.advice !== true) this.#expectAttempt(record, attempt)
  }

  #expectAttempt(record: ExchangeRecord, attempt: AttemptRecord): void {
    const settings = this.#providers.get(attempt.provider)
    if (settings === undefined) return
    const index = (attempt.credential ?? 1) - 1
    const signals = this.signals.signalsOf(attempt.deployment)
    const circuit = this.signals.circuitOf(settings, index, attempt.model)
    const standing = this.standings.standingOf(settings, index, attempt.model)
    const startsAt = record.at + attempt.startedMs
    this.#add(startsAt, () => {
      const ticket = beginAttempt({ signals, circuit })
      this.#add(startsAt + attempt.durationMs, () => {
        const fault = attempt.fault === undefined ? undefined : new Fault(attempt.fault, '')
        const answered = record.deployment === attempt.deployment
        endAttempt({ signals, circuit }, ticket, {
          fault,
          ...(attempt.outrun === true && { outrun: true }),
          durationMs: attempt.durationMs,
          firstByteMs: attempt.firstByteMs,
          stream: record.stream,
          outputTokens: answered ? record.usage?.output.total : undefined,
        })
        if (fault !== undefined) standing.failed(fault)
        else if (attempt.outrun !== true) standing.answered()
        if (answered && fault === undefined && record.cost !== undefined) signals.spent(record.cost)
      })
    })
  }

  #add(at: number, run: () => void): void {
    let low = 0
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#events[middle]?.at ?? 0) > at) low = middle + 1
      else high = middle
    }
    this.#events.splice(low, 0, { at, run })
  }
}
