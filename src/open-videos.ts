/**
 * What films need beside a pipeline: the database of their jobs, what asks about them, and the routes to all of it. A part of the
 * composition root, because it names drivers.
 */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from './config/types.ts'
import { videoRoutes } from './http/videos/video-routes.ts'
import type { Route } from './http/route.ts'
import { VideoJobs } from './pipeline/videos/video-jobs.ts'
import type { VideoJobsContext } from './pipeline/videos/video-jobs.ts'
import { openSqliteState } from './stores/drivers/sqlite/open-sqlite-state.ts'

export interface VideosOptions extends Omit<VideoJobsContext, 'store' | 'onProblem'> {
  readonly config: Config
  readonly logger: Logger
}

export interface Videos extends Disposable {
  readonly jobs: VideoJobs
  readonly routes: readonly Route[]
}

export function openVideos({ config, logger, ...context }: VideosOptions): Videos {
  using opening = new DisposableStack()
  const { videos: store } = opening.use(openSqliteState(join(config.data.dir, 'state.db')))
  const jobs = opening.use(
    new VideoJobs({
      ...context,
      store,
      onProblem: (videoId, problem) => logger.warn({ video_id: videoId, problem }, 'a video could not be asked about'),
    }),
  )
  jobs.resume().catch((error: unknown) => logger.error({ err: error }, 'videos of the last run could not be taken up'))
  const routes = videoRoutes({ jobs, store, flushTimeout: config.server.requestTimeout })
  const resources = opening.move()
  return { jobs, routes, [Symbol.dispose]: () => resources.dispose() }
}
