/** A gateway for one question: the whole of it, on a free port of this machine, with a data directory that vanishes afterwards. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openApp } from '../../app.ts'
import type { Config } from '../../config/types.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import { openExistingStores } from '../data-dir.ts'
import { listenUrl } from '../listen-url.ts'
import { logLine } from '../serving/log-line.ts'
import type { Output } from '../terminal.ts'

export interface Trial extends AsyncDisposable {
  readonly url: string
  /** The account of the last exchange, once it is complete. */
  record(): Promise<ExchangeRecord | undefined>
}

/** Defects of the gateway are told on `err`. */
export async function openTrial(config: Config, err: Output): Promise<Trial> {
  await using opening = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'sluicegate-trial-'))
  opening.defer(() => rmSync(dir, { recursive: true, force: true }))
  const logger = pino(
    {
      level: 'error',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => err.write(logLine(JSON.parse(line) as Record<string, unknown>, err.colors)) },
  )
  const alone: Config = {
    ...config,
    server: { ...config.server, host: '127.0.0.1', port: 0 },
    data: { dir },
    // Nobody else knows the port, and nothing is kept.
    auth: { required: false },
    keys: [],
  }
  const app = opening.use(
    await openApp({ loaded: { config: alone, warnings: [], source: { kind: 'environment' } }, logger }),
  )
  const { port } = await app.listen()
  const resources = opening.move()
  return {
    url: listenUrl('127.0.0.1', port),
    async record() {
      // The record is written when the exchange is over, and that is when its connection has nothing more to do.
      await app.drain()
      await app.settled()
      using stores = await openExistingStores(dir)
      return stores?.usage.list({ limit: 1 })[0]
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
