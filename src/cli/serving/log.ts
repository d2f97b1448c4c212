/** The gateway's log: JSON lines, or short lines for a person at a terminal. Written in the background, flushed before the process ends. */
import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'
import type { Config } from '../../config/types.ts'
import type { Output } from '../terminal.ts'
import { LineOutput } from './line-output.ts'
import { logLine } from './log-line.ts'

export interface Log extends Disposable {
  readonly logger: Logger
  /** Writes what is held back, before it returns. */
  flush(): void
}

/** The longest that a line is held back, in milliseconds; under load lines are written together. */
const flushEveryMs = 100

export function openLog(
  { level, format }: Config['logging'],
  { isTerminal, colors }: Pick<Output, 'isTerminal' | 'colors'>,
): Log {
  const destination = new LineOutput({ fd: 1, flushEveryMs })
  const pretty = format === 'pretty' || (format === 'auto' && isTerminal)
  const stream: DestinationStream = pretty
    ? { write: (line) => destination.write(logLine(JSON.parse(line) as Record<string, unknown>, colors)) }
    : destination
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  )
  const flush = (): void => destination.flushSync()
  return { logger, flush, [Symbol.dispose]: flush }
}
