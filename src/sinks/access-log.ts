/** One log line for each finished exchange: who asked what, who answered, what it took. Never a prompt or an answer. */
import type { Logger } from 'pino'
import type { Sink } from '../kernel/sink.ts'
import { formatUsd } from '../model/money.ts'
import type { ExchangeRecord } from '../model/record.ts'

export class AccessLogSink implements Sink {
  readonly id = 'access-log'
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  write(batch: readonly ExchangeRecord[]): void {
    for (const record of batch) {
      if (record.outcome === 'ok') this.#logger.info(lineOf(record), 'exchange')
      else this.#logger.warn(lineOf(record), 'exchange')
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }
}

function lineOf(record: ExchangeRecord): object {
  const failed = record.attempts.filter(({ fault }) => fault !== undefined)
  return {
    request_id: record.requestId,
    surface: record.surface,
    key: record.keyName,
    model: record.modelAsked,
    deployment: record.deployment,
    stream: record.stream,
    status: record.status,
    outcome: record.outcome,
    fault: record.fault,
    input_tokens: record.usage?.input.total,
    output_tokens: record.usage?.output.total,
    cost_usd: record.cost === undefined ? undefined : formatUsd(record.cost),
    first_byte_ms: record.firstByteMs,
    duration_ms: record.durationMs,
    overhead_ms: record.overheadMs,
    attempts: record.attempts.length,
    failed_attempts:
      failed.length === 0 ? undefined : failed.map(({ deployment, status, fault }) => ({ deployment, status, fault })),
    lost: record.lost,
  }
}
