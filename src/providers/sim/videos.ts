/**
 * Films in OpenAI's protocol: jobs that take as long as the model's `ttft` says, and then a film of one picture, as long as was asked for.
 * A job's id says all that there is to know of it, so nothing is kept; `refusal` fails every film.
 * https://developers.openai.com/api/reference/resources/videos
 */
import type { JsonObject } from '../../model/json.ts'
import { sidesOf, usualSeconds, usualSize } from '../../model/video.ts'
import { chooseModel } from './models.ts'
import { mp4 } from './mp4.ts'
import { badRequest, SimProblem } from './problem.ts'
import { hashText } from './seeded.ts'

/** What the simulator's jobs can be asked for by their ids. */
export interface SimVideoAnswer {
  readonly contentType: string
  readonly body: string | Buffer
}

interface Job {
  readonly model: string
  readonly at: number
  readonly prompt: number
  readonly seconds: number
  readonly size: string
  readonly from?: string
}

const sizes = ['720x1280', '1280x720', '1024x1792', '1792x1024']
const longest = 20
const longestPrompt = 32_000

export function orderVideo(asked: ReadonlyMap<string, unknown>, model: string, now: number, from?: Job): string {
  const prompt = asked.get('prompt')
  if (typeof prompt !== 'string' || prompt === '' || prompt.length > longestPrompt)
    throw badRequest('prompt', `prompt must be a text of 1 to ${longestPrompt} characters.`)
  const seconds = Number(asked.get('seconds') ?? from?.seconds ?? usualSeconds)
  if (!(seconds > 0 && seconds <= longest)) throw badRequest('seconds', `seconds must be a number up to ${longest}.`)
  const size = asked.get('size') ?? from?.size ?? usualSize
  if (typeof size !== 'string' || !sizes.includes(size))
    throw badRequest('size', `size must be one of ${sizes.join(', ')}.`)
  const job: Job = {
    model,
    at: now,
    prompt: hashText(prompt),
    seconds,
    size,
    ...(from !== undefined && { from: idOf(from) }),
  }
  return JSON.stringify(told(job, now))
}

const idOf = (job: Job): string => `video_${Buffer.from(JSON.stringify(job)).toString('base64url')}`

export function videoOf(id: string): Job {
  try {
    const job = JSON.parse(Buffer.from(id.replace(/^video_/, ''), 'base64url').toString()) as Job
    if (typeof job.model === 'string' && typeof job.at === 'number' && sidesOf(job.size) !== undefined) return job
  } catch {
    // It is none of ours.
  }
  throw new SimProblem(404, `Video with id '${id.slice(0, 80)}' not found.`, { param: 'video_id' })
}

/** What GET and DELETE of `/videos/ID` and below answer. */
export function answerVideo(method: string, id: string, rest: string, now: number): SimVideoAnswer {
  const job = videoOf(id)
  const json = (body: JsonObject): SimVideoAnswer => ({ contentType: 'application/json', body: JSON.stringify(body) })
  if (method === 'DELETE' && rest === '') return json({ id, object: 'video.deleted', deleted: true })
  if (rest === '') return json(told(job, now))
  if (rest !== '/content') throw new SimProblem(404, `The simulator serves nothing at /videos/{id}${rest}.`)
  if (told(job, now)['status'] !== 'completed') throw badRequest('video_id', 'The video is not ready.')
  const { width, height } = sidesOf(job.size) ?? { width: 16, height: 16 }
  return {
    contentType: 'video/mp4',
    body: mp4({ seconds: job.seconds, width, height, brightness: 16 + (job.prompt % 220) }),
  }
}

function told(job: Job, now: number): JsonObject {
  const { manner, parameters } = chooseModel(job.model, '')
  const takes = parameters.ttft ?? 0
  const share = takes === 0 ? 1 : Math.min(1, (now - job.at) / takes)
  const isOver = share === 1
  const failed = isOver && manner === 'refusal'
  return {
    id: idOf(job),
    object: 'video',
    model: job.model,
    status: failed ? 'failed' : isOver ? 'completed' : share === 0 ? 'queued' : 'in_progress',
    progress: Math.floor(share * 100),
    created_at: Math.floor(job.at / 1000),
    completed_at: isOver && !failed ? Math.floor((job.at + takes) / 1000) : null,
    expires_at: isOver ? Math.floor(job.at / 1000) + 3600 : null,
    seconds: String(job.seconds),
    size: job.size,
    remixed_from_video_id: job.from ?? null,
    error: failed ? { code: 'moderation_blocked', message: 'The simulator was asked to refuse.' } : null,
  }
}
