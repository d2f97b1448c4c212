/**
 * Keeps the job that an order for a film has led to. From the call on the exchange goes on without its client: a job that was taken on has
 * to be known to somebody, since it will cost money.
 */
import type { Stage } from '../../kernel/stage.ts'
import { Body } from '../../kernel/body.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import { textOf } from '../../kernel/reply.ts'
import { Fault } from '../../model/fault.ts'
import type { VideoJob, VideoRequest } from '../../model/video.ts'
import { videoUnits } from '../../model/video.ts'
import type { StoredVideo } from '../../stores/video-job-store.ts'
import type { VideoJobs } from '../videos/video-jobs.ts'
import { videoJson } from '../videos/video-json.ts'

export interface VideoStages {
  readonly keep: Stage
  /** Before resolving: finds the film that is to be made anew, and asks for the model that made it. */
  readonly recall: Stage
  /** Behind resolving: only who made it can make it anew. */
  readonly stay: Stage
}

export function videoStages(jobs: VideoJobs): VideoStages {
  const sources = new WeakMap<Exchange, StoredVideo>()
  return {
    keep: {
      name: 'keep-video',
      async run(exchange, next) {
        exchange.detached = true
        const reply = await next()
        const { deployment } = exchange
        if (reply.kind !== 'bytes' || reply.fault !== undefined || deployment === undefined) return reply
        const job = exchange.surface.dialect.response.decode(JSON.parse(textOf(reply))) as VideoJob
        const video = jobs.accept(exchange, deployment, job, sources.get(exchange)?.id)
        return { ...reply, bytes: JSON.stringify(videoJson(video)) }
      },
    },
    recall: {
      name: 'recall-video',
      async run(exchange, next) {
        const video = await jobs.look(exchange.key?.id ?? '', exchange.head.model)
        if (video.state.status !== 'completed')
          throw new Fault('invalid_request', 'The video is not completed: only what was made can be made anew.', {
            param: 'video_id',
          })
        sources.set(exchange, video)
        const { seconds, size, remoteId, account } = video
        const asked = exchange.body
        exchange.head = { ...exchange.head, model: account.modelAsked, ...videoUnits(seconds, size) }
        exchange.body = new Body<unknown>(asked.bytes(), (): VideoRequest => {
          return { ...(asked.read() as VideoRequest), seconds, size, remixOf: remoteId }
        })
        return next()
      },
    },
    stay: {
      name: 'stay',
      run(exchange, next) {
        const video = sources.get(exchange)
        const located = video && jobs.locate(video)
        if (located === undefined || exchange.route === undefined)
          throw new Fault('operation_not_supported', 'The service that made the video is no longer configured.', {
            param: 'video_id',
          })
        const targets = [located.deployment]
        exchange.route = { ...exchange.route, deployments: targets, order: () => ({ targets }) }
        return next()
      },
    },
  }
}
