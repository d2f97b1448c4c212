/**
 * What can be asked about a film that was ordered: how it does, the film itself, all of one's own, and that it be forgotten.
 * https://developers.openai.com/api/reference/resources/videos
 */
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { VideoVariant } from '../../kernel/video-calls.ts'
import { openVideo } from '../../pipeline/videos/video-content.ts'
import type { VideoJobs } from '../../pipeline/videos/video-jobs.ts'
import { videoJson } from '../../pipeline/videos/video-json.ts'
import type { VideoJobStore } from '../../stores/video-job-store.ts'
import { sendJson } from '../fault-response.ts'
import { listOf, readPageQuery } from '../responses/pages.ts'
import { ownerOf } from '../responses/response-routes.ts'
import type { Route } from '../route.ts'
import { writeStream } from '../serve-exchange.ts'

export interface VideoRoutesContext {
  readonly jobs: VideoJobs
  readonly store: VideoJobStore
  /** Milliseconds after which a client that takes nothing is given up. */
  readonly flushTimeout: number
}

const variants: readonly VideoVariant[] = ['video', 'thumbnail', 'spritesheet']

export function videoRoutes({ jobs, store, flushTimeout }: VideoRoutesContext): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/videos',
      handle({ response, key, query, headers }) {
        const { limit, order, after } = readPageQuery(query)
        const found = store.list(ownerOf(key), { limit, order, ...(after !== undefined && { after }) })
        if (found === undefined)
          throw new Fault(
            'video_not_found',
            `There is no video ${JSON.stringify(after?.slice(0, 120))} to begin from.`,
            {
              param: 'after',
            },
          )
        sendJson(response, 200, listOf(found.slice(0, limit).map(videoJson), found.length > limit), headers)
      },
    },
    {
      method: 'GET',
      path: '/v1/videos/{id}',
      async handle({ response, key, params, headers }) {
        sendJson(response, 200, videoJson(await jobs.look(ownerOf(key), params['id'] ?? '')), headers)
      },
    },
    {
      method: 'DELETE',
      path: '/v1/videos/{id}',
      async handle({ response, key, params, headers }) {
        const { id = '' } = params
        await jobs.remove(ownerOf(key), id)
        sendJson(response, 200, { id, object: 'video.deleted', deleted: true }, headers)
      },
    },
    {
      method: 'GET',
      path: '/v1/videos/{id}/content',
      async handle({ response, key, params, query, headers }) {
        const asked = query.get('variant') ?? 'video'
        const variant = variants.find((each) => each === asked)
        if (variant === undefined) throw invalidRequest('variant', `variant must be one of ${variants.join(', ')}.`)
        const video = await jobs.look(ownerOf(key), params['id'] ?? '')
        if (video.state.status !== 'completed')
          throw invalidRequest('video_id', `The video is not there: it is ${video.state.status}.`)
        const located = jobs.locate(video)
        if (located === undefined)
          throw new Fault('operation_not_supported', 'The service that made the video is no longer configured.')
        const opened = await openVideo(located, variant)
        const { reply } = opened
        response.on('close', () => opened.abandon())
        const given = Object.entries(reply.headers ?? {}).flat()
        writeStream(reply, ['content-type', reply.contentType, ...given, ...headers], response, flushTimeout)
        if (response.destroyed) opened.abandon()
      },
    },
  ]
}
