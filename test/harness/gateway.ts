/** A gateway inside the test's process: the whole of it, over HTTP on a free port, with a data directory of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openApp } from '../../src/app.ts'
import type { App } from '../../src/app.ts'
import { providers, strategies } from '../../src/builtins.gen.ts'
import { parseConfig } from '../../src/config/load.ts'
import type { LoadedConfig } from '../../src/config/load.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { settle } from '../../src/kernel/testing/fake-clock.ts'
import type { ExchangeRecord } from '../../src/model/record.ts'
import { openSqlite } from '../../src/stores/drivers/sqlite/open-sqlite.ts'

export const clientKey = 'test-client-key-0123456789'

export interface Gateway extends AsyncDisposable {
  readonly url: string
  readonly app: App
  readonly dir: string
  /** Log lines so far, parsed. */
  readonly log: Record<string, unknown>[]
  /** Every record, oldest first, once the journal is drained. */
  records(): Promise<ExchangeRecord[]>
  /** The latest of them. */
  lastRecord(): Promise<ExchangeRecord | undefined>
  reload(yaml: string): string[]
  /** Resolves when nothing more is done for anybody, clients that have left included. */
  idle(): Promise<void>
}

export interface GatewayOptions {
  readonly dir?: string
  readonly clock?: Clock
  /** Leaves the directory, for another gateway to take over. */
  readonly keep?: boolean
}

/** `yaml` needs no `server`, `data` or `keys`: what it leaves out is set for a test. */
export async function startGateway(
  yaml: string,
  { dir = mkdtempSync(join(tmpdir(), 'sluicegate-test-')), clock, keep = false }: GatewayOptions = {},
): Promise<Gateway> {
  const log: Record<string, unknown>[] = []
  const logger = pino(
    { level: 'info' },
    { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) },
  )
  const app = await openApp({ loaded: configOf(yaml, dir), logger, ...(clock !== undefined && { clock }) })
  const { port } = await app.listen()
  /** Latest first. */
  async function latest(limit: number): Promise<ExchangeRecord[]> {
    await app.settled()
    using stores = openSqlite(join(dir, 'data', 'sluicegate.db'))
    return stores.usage.list({ limit })
  }
  return {
    url: `http://127.0.0.1:${port}`,
    app,
    dir,
    log,
    records: async () => (await latest(10_000)).reverse(),
    lastRecord: async () => (await latest(1))[0],
    async idle() {
      while (app.server.inFlight > 0 || app.checksUnderWay > 0) await settle()
    },
    reload: (next) => app.reload(configOf(next, dir)),
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      if (!keep) rmSync(dir, { recursive: true, force: true })
    },
  }
}

export function configOf(yaml: string, dir: string): LoadedConfig {
  const parts = [
    yaml,
    /^server:/m.test(yaml) ? '' : 'server: { port: 0 }',
    /^data:/m.test(yaml) ? '' : `data: { dir: ${JSON.stringify(join(dir, 'data'))} }`,
    /^keys:/m.test(yaml) ? '' : `keys: [{ name: test, secret: ${clientKey}, models: ["*"] }]`,
  ]
  const resolved = parseConfig(parts.join('\n'), {
    file: 'test.yaml',
    baseDir: dir,
    cwd: dir,
    env: {},
    registry: { providers, strategies },
  })
  return { ...resolved, source: { kind: 'file', path: join(dir, 'test.yaml') } }
}
