/** A gateway's life as a process: start, announce, reload, drain, stop. */
import { openApp } from '../../app.ts'
import type { App } from '../../app.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { formatProblem } from '../../config/problem.ts'
import { systemClock } from '../../kernel/clock.ts'
import { CliError } from '../cli-error.ts'
import { strategies } from '../../builtins.gen.ts'
import { loadPrepared } from '../../config/prepare-strategies.ts'
import type { CommandContext } from '../context.ts'
import { dataDirFailure, makeDataDir } from '../data-dir.ts'
import { sourceText } from '../gateway-config.ts'
import { listenUrl } from '../listen-url.ts'
import { firstSignal } from '../stop-signals.ts'
import { listenErrorText } from '../system-error.ts'
import { announceFirstKey } from './announce-first-key.ts'
import { loadToServe } from './load-to-serve.ts'
import type { ListenOverrides } from './load-to-serve.ts'
import { openLog } from './log.ts'
import { reloadOnChange } from './reload.ts'
import { tidyUpOnceIdle } from './tidy-up.ts'
import { tuneCollector } from './tune-collector.ts'

export interface ServeOptions extends ListenOverrides {
  readonly config?: string
}

/** Resolves when the gateway has stopped. */
export async function serveGateway(options: ServeOptions, context: CommandContext): Promise<void> {
  using _tuning = tuneCollector(systemClock)
  const load = (): Promise<LoadedConfig> => loadPrepared(() => loadToServe(options, context), strategies)
  const loaded = await load()
  const { config, source, warnings } = loaded
  const { out } = context.terminal
  using log = openLog(config.logging, out)
  const { logger } = log
  process.on('uncaughtException', (error) => {
    // Whatever was on its way is in the journal; nothing that still runs can be trusted.
    logger.fatal({ err: error }, 'the gateway stops because of a defect')
    log.flush()
    process.exit(1)
  })
  for (const warning of warnings) logger.warn(formatProblem(warning))

  makeDataDir(config.data.dir)
  const secret = context.env['SLUICEGATE_SECRET']
  await using app = await openApp({ loaded, logger, ...(secret !== undefined && { serverSecret: secret }) }).catch(
    (error: unknown) => {
      throw dataDirFailure(config.data.dir, error)
    },
  )
  const { host } = config.server
  const { port } = await app.listen().catch((error: unknown) => {
    const known = listenErrorText(error, host, config.server.port)
    throw known === undefined ? error : new CliError(known.message, { hint: known.hint, cause: error })
  })
  const stopped = firstSignal((signal) => {
    logger.warn(`${signal} again: the gateway stops at once`)
    log.flush()
    process.exit(1)
  })
  logger.info(
    {
      version: context.version,
      pid: process.pid,
      config: sourceText(source),
      data: config.data.dir,
      names: app.plan.list().length,
    },
    'the gateway has started',
  )
  log.flush()
  // Before it is said that the gateway listens: whoever waits for that may want it to reload at once.
  using _reloading = reloadOnChange({ app, load, source, logger })
  out.print(`listening on ${listenUrl(host, port)}`)
  if (app.firstKey !== undefined) announceFirstKey({ app, config, port, options, context, secret: app.firstKey })
  using _tidying = tidyUpOnceIdle(systemClock, () => app.server.inFlight)

  const signal = await stopped
  await drain(app, signal, logger)
}

async function drain(app: App, signal: string, logger: { info(fields: object, message: string): void }): Promise<void> {
  const started = performance.now()
  logger.info({ in_flight: app.server.inFlight }, `${signal}: no new requests are taken, those that run may finish`)
  await app.drain()
  logger.info({ drained_ms: Math.round(performance.now() - started) }, 'the gateway has stopped')
}
