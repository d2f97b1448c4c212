/** Takes a changed configuration over while the gateway runs. What cannot be taken over is told loudly, and the old plan serves on. */
import type { Logger } from 'pino'
import type { App } from '../../app.ts'
import type { ConfigSource, LoadedConfig } from '../../config/load.ts'
import { ConfigError, formatProblem } from '../../config/problem.ts'
import { watchFile } from './watch-file.ts'

export interface ReloadOptions {
  readonly app: Pick<App, 'plan' | 'reload'>
  readonly load: () => Promise<LoadedConfig>
  readonly source: ConfigSource
  readonly logger: Logger
}

/** On SIGHUP, and when the file changes. */
export function reloadOnChange(options: ReloadOptions): Disposable {
  const { source, logger } = options
  const onSignal = (): void => void reload(options, 'SIGHUP')
  process.on('SIGHUP', onSignal)
  const watching =
    source.kind === 'file'
      ? watchFile(
          source.path,
          () => void reload(options, 'the file changed'),
          (error) =>
            logger.warn(
              { reason: error.message },
              'the configuration file cannot be watched: send SIGHUP after a change',
            ),
        )
      : undefined
  return {
    [Symbol.dispose]() {
      process.off('SIGHUP', onSignal)
      watching?.[Symbol.dispose]()
    },
  }
}

export async function reload({ app, load, logger }: ReloadOptions, occasion: string): Promise<void> {
  try {
    const loaded = await load()
    // A file that is being written anew is empty for a moment, or for good where the disk is full.
    if (loaded.config.providers.size === 0 && app.plan.list().length > 0)
      throw new Error('it names no provider, so nothing could be served any more: to stop serving, stop the gateway')
    const needRestart = app.reload(loaded)
    for (const warning of loaded.warnings) logger.warn(formatProblem(warning))
    logger.info(
      { occasion, revision: app.plan.revision, names: app.plan.list().length },
      'the configuration was taken over',
    )
    if (needRestart.length > 0) {
      logger.warn(
        { sections: needRestart },
        'changes of these sections need a restart; until then their old values hold',
      )
    }
  } catch (error) {
    const problems =
      error instanceof ConfigError
        ? error.problems.map(formatProblem)
        : [error instanceof Error ? error.message : String(error)]
    logger.error({ occasion, problems }, 'the configuration was not taken over; the one before stays in force')
  }
}
