/**
 * What clients keep with the gateway, or through it with providers: their files, the sweep behind them, and jobs that tune models with
 * them. A part of the composition root, because it names drivers.
 */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from './config/types.ts'
import type { Clock } from './kernel/clock.ts'
import type { Plan } from './kernel/plan.ts'
import type { Transport } from './kernel/transport.ts'
import { FileKeeper } from './pipeline/files/file-keeper.ts'
import { startFileSweep } from './pipeline/files/file-sweep.ts'
import { FineTuningJobs } from './pipeline/fine-tuning/fine-tuning-jobs.ts'
import { OwnedModelRegister } from './pipeline/owned-models.ts'
import type { OwnedModels } from './pipeline/owned-models.ts'
import type { BlobStore } from './stores/blob-store.ts'
import { filesystemBlobStore } from './stores/drivers/filesystem/blob-store.ts'
import { s3BlobStore } from './stores/drivers/s3/blob-store.ts'
import { openSqliteFiles } from './stores/drivers/sqlite/open-sqlite-files.ts'

export interface FilesOptions {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  readonly plan: () => Plan
  /** Reaches the bucket. */
  readonly network: () => Transport
}

export interface Files extends Disposable {
  readonly keeper: FileKeeper
  readonly jobs: FineTuningJobs
  /** What came of jobs. */
  readonly models: OwnedModels
}

export async function openFiles({ config, clock, logger, plan, network }: FilesOptions): Promise<Files> {
  using opening = new DisposableStack()
  const { dir } = config.data
  const { files, fineTunes } = opening.use(openSqliteFiles(join(dir, 'state.db')))
  const blobs = blobStore()
  const onProblem = (fileId: string, problem: string): void =>
    logger.warn({ file_id: fileId, problem }, 'something of a file could not be taken away')
  const unfinished = files.condemnUnfinished()
  if (unfinished > 0) logger.info({ files: unfinished }, 'uploads of the last run were broken off')
  await blobs.sweep((id) => files.isKnown(id))
  const keeper = new FileKeeper({ clock, plan, files, blobs, terms: config.files, onProblem })
  const models = new OwnedModelRegister()
  const jobs = opening.use(
    new FineTuningJobs({
      clock,
      plan,
      store: fineTunes,
      files: keeper,
      models,
      onProblem: (jobId, problem) =>
        logger.warn({ job_id: jobId, problem }, 'a fine-tuning job could not be asked about'),
    }),
  )
  opening.use(startFileSweep({ clock, files, keeper, onProblem }))

  function blobStore(): BlobStore {
    const { s3 } = config.files
    if (s3 === undefined) return filesystemBlobStore(join(dir, 'files'), config.server.uploadReserve)
    return s3BlobStore(s3, {
      clock,
      transport: network(),
      onProblem: (problem) => logger.error({ problem }, 'the store of files failed'),
    })
  }

  const resources = opening.move()
  return { keeper, jobs, models, [Symbol.dispose]: () => resources.dispose() }
}
