/**
 * One log line for each finished exchange: its record as it is, in the frame of the logger's other lines. Never a prompt or an
 * answer. The record has been made into JSON already, so the line costs no more than joining strings.
 */
import { pino } from 'pino'
import type { Logger } from 'pino'
import type { Sink } from '../kernel/sink.ts'
import { isoTime } from '../model/iso-time.ts'
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
    const isGood = record.outcome === 'ok'
    if ((isGood ? info : warn) < this.#logger.levelVal) return
    const time = isoTime(record.at + record.durationMs)
    this.#stream.write(`{"level":"${isGood ? 'info' : 'warn'}","time":"${time}","exchange":${json},"msg":"exchange"}\n`)
  }
}
