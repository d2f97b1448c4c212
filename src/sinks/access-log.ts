/**
 * One log line for each finished exchange: its record as it is, in the frame of the logger's other lines. Never a prompt or an
 * answer. The record has been made into JSON already, so the line costs no more than joining strings.
 */
import { pino } from 'pino'
import type { Logger } from 'pino'
import type { Sink } from '../kernel/sink.ts'
import type { ExchangeRecord } from '../model/record.ts'

interface LineStream {
  write(line: string): void
}

const info = pino.levels.values['info'] ?? 30
const warn = pino.levels.values['warn'] ?? 40

export class AccessLog implements Sink {
  readonly id = 'access-log'
  readonly #logger: Logger
  readonly #stream: LineStream

  constructor(logger: Logger) {
    this.#logger = logger
    this.#stream = (logger as unknown as Record<symbol, LineStream>)[pino.symbols.streamSym] ?? {
      write: () => undefined,
    }
  }

  /** `json` is the record as JSON. */
  write(record: ExchangeRecord, json: string): void {
    const level = record.outcome === 'ok' ? info : warn
    if (level < this.#logger.levelVal) return
    this.#stream.write(
      `{"level":${level},"time":${record.at + Math.round(record.durationMs)},"msg":"exchange","exchange":${json}}\n`,
    )
  }
}
