/**
 * Jobs at the simulator that tune a model in a given time, and make one that answers as the one it was made of. A job is in its own id, so
 * that it outlives the simulator; what was done to it meanwhile is not.
 * https://developers.openai.com/api/reference/resources/fine_tuning
 */
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'
import { json } from './files.ts'
import type { SimAnswer, SimFiles } from './files.ts'
import { findModel } from './models.ts'
import { badRequest, SimProblem } from './problem.ts'
import type { SimRequest } from './request.ts'

interface Job {
  /** Unix milliseconds. */
  readonly at: number
  /** Milliseconds that it takes. */
  readonly takes: number
  readonly fails: boolean
  readonly model: string
  readonly training: string
  readonly validation: string | null
  readonly suffix: string
  readonly method: Method
  readonly hyperparameters: JsonObject
  readonly seed: number
}

const usualTime = 2000
const mostKept = 1000
const step = 10

export class SimFineTuning {
  readonly #files: SimFiles
  /** What was done to jobs: when they were cancelled, or when they began to pause. */
  readonly #done = new Map<string, { readonly status: 'cancelled' | 'paused'; readonly at: number }>()

  constructor(files: SimFiles) {
    this.#files = files
  }

  /** Undefined where the path is of no job; `path` begins behind the version. */
  answer(path: string, { method, body }: SimRequest, now: number): SimAnswer | undefined {
    if (path === '/fine_tuning/jobs') {
      if (method !== 'POST') throw new SimProblem(405, '/fine_tuning/jobs takes POST requests.')
      return json(this.#shown(this.#begin(body, now), now))
    }
    const [, id = '', rest = ''] = /^\/fine_tuning\/jobs\/([^/]+)(\/[a-z]+)?$/.exec(path) ?? []
    if (id === '') return undefined
    const job = read(id)
    if (rest === '/events') return json(list(events(job, id, now, this.#statusOf(job, id, now))))
    if (rest === '/checkpoints')
      return json(list(this.#statusOf(job, id, now) === 'succeeded' ? [checkpoint(job, id)] : []))
    if (rest !== '') this.#change(job, id, rest, now)
    return json(this.#shown(job, now))
  }

  #begin(body: Uint8Array, now: number): Job {
    const asked = parsed(body)
    const { model, training_file: training, validation_file: validation, suffix, seed, metadata } = asked
    if (typeof model !== 'string' || findModel(model.split('?')[0] ?? '') === undefined)
      throw new SimProblem(400, `Model ${JSON.stringify(model)} is not available for fine-tuning.`, { param: 'model' })
    const files = { training_file: training, ...(typeof validation === 'string' && { validation_file: validation }) }
    for (const [param, file] of Object.entries(files))
      if (typeof file !== 'string' || !this.#files.has(file))
        throw new SimProblem(400, `invalid ${param}: ${JSON.stringify(file).slice(0, 80)}`, { param })
    const told = isJsonObject(metadata) ? metadata : {}
    const { method, hyperparameters } = methodOf(asked)
    const takes = Number(told['duration_ms'] ?? usualTime)
    return {
      at: now,
      takes: Number.isFinite(takes) ? takes : usualTime,
      fails: told['fails'] === 'true',
      model: (model.split('?')[0] ?? '').replace(/^sim\//, ''),
      training: typeof training === 'string' ? training : '',
      validation: typeof validation === 'string' ? validation : null,
      suffix: typeof suffix === 'string' ? suffix.slice(0, 64) : '',
      method,
      hyperparameters: { n_epochs: 3, ...hyperparameters },
      seed: typeof seed === 'number' ? seed : 1,
    }
  }

  #change(job: Job, id: string, rest: string, now: number): void {
    const status = this.#statusOf(job, id, now)
    if (status === 'succeeded' || status === 'failed' || status === 'cancelled')
      throw new SimProblem(400, `Job has already completed: ${status}`)
    if (this.#done.size >= mostKept) this.#done.clear()
    if (rest === '/cancel') this.#done.set(id, { status: 'cancelled', at: now })
    else if (rest === '/pause') this.#done.set(id, { status: 'paused', at: now })
    else if (rest === '/resume') this.#done.delete(id)
    else throw new SimProblem(404, `There is nothing at ${rest}.`)
  }

  #statusOf(job: Job, id: string, now: number): string {
    const done = this.#done.get(id)
    if (done !== undefined) return done.status
    if (now - job.at < job.takes) return now - job.at < job.takes / 4 ? 'validating_files' : 'running'
    return job.fails ? 'failed' : 'succeeded'
  }

  #shown(job: Job, now: number) {
    const id = idOf(job)
    const status = this.#statusOf(job, id, now)
    const over = status === 'succeeded' || status === 'failed' || status === 'cancelled'
    return {
      object: 'fine_tuning.job',
      id,
      model: job.model,
      created_at: seconds(job.at),
      finished_at: over ? seconds(Math.min(now, job.at + job.takes)) : null,
      fine_tuned_model: status === 'succeeded' ? tunedModel(job) : null,
      organization_id: 'org-sim',
      result_files: [],
      status,
      validation_file: job.validation,
      training_file: job.training,
      hyperparameters: job.hyperparameters,
      method: { type: job.method, [job.method]: { hyperparameters: job.hyperparameters } },
      trained_tokens: status === 'succeeded' ? 1000 : null,
      error: status === 'failed' ? { code: 'training_failed', message: 'It was to fail.', param: null } : {},
      seed: job.seed,
      estimated_finish: over ? null : seconds(job.at + job.takes),
    }
  }
}

const methods = ['supervised', 'dpo', 'reinforcement'] as const
type Method = (typeof methods)[number]

/** What is set of how it is tuned, at the old place or at the new one. */
function methodOf({ method, hyperparameters: old }: JsonObject): {
  readonly method: Method
  readonly hyperparameters: JsonObject
} {
  const asked = isJsonObject(method) ? method['type'] : 'supervised'
  const type = methods.find((known) => known === asked)
  if (type === undefined) throw badRequest('method', `method.type must be one of ${methods.join(', ')}.`)
  const inner = isJsonObject(method) ? method[type] : undefined
  const told = isJsonObject(inner) ? inner['hyperparameters'] : old
  if (told !== undefined && told !== null && !isJsonObject(told))
    throw badRequest('hyperparameters', 'hyperparameters must be an object.')
  const hyperparameters = isJsonObject(told) ? told : {}
  for (const [name, value] of Object.entries(hyperparameters)) {
    const isWhole = name === 'n_epochs' || name === 'batch_size'
    const fits = typeof value === 'number' && value > 0 && (!isWhole || Number.isSafeInteger(value))
    if (value !== 'auto' && !fits && (isWhole || name === 'learning_rate_multiplier'))
      throw badRequest(
        `hyperparameters.${name}`,
        `${name} must be \`auto\` or ${isWhole ? 'a whole number' : 'a number'} above 0.`,
      )
  }
  // They become part of the job's id.
  if (JSON.stringify(hyperparameters).length > 200) throw badRequest('hyperparameters', 'hyperparameters are too many.')
  return { method: type, hyperparameters }
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)
const idOf = (job: Job): string => `ftjob-${Buffer.from(JSON.stringify(job)).toString('base64url')}`

function read(id: string): Job {
  const job = parsed(Buffer.from(id.replace(/^ftjob-/, ''), 'base64url'))
  if (typeof job['at'] === 'number' && typeof job['model'] === 'string')
    return {
      ...job,
      method: job['method'] ?? 'supervised',
      hyperparameters: job['hyperparameters'] ?? {},
    } as unknown as Job
  throw new SimProblem(404, `Could not find fine tune: ${id.slice(0, 80)}`, { param: 'fine_tune_id' })
}

function parsed(bytes: Uint8Array): JsonObject {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    if (isJsonObject(value)) return value
  } catch {
    return {}
  }
  return {}
}

const tunedModel = ({ model, suffix, at }: Job): string => `ft:${model}:sim:${suffix}:${at.toString(36)}`

const list = (data: readonly unknown[]) => ({ object: 'list', data, has_more: false })

function events(job: Job, id: string, now: number, status: string) {
  const event = (place: number, at: number, message: string) => ({
    object: 'fine_tuning.job.event',
    id: `ftevent-${place}`,
    created_at: seconds(at),
    level: status === 'failed' && place === 3 ? 'error' : 'info',
    message,
    type: 'message',
    data: {},
  })
  const over = status !== 'running' && status !== 'validating_files' && status !== 'paused'
  return [
    ...(over ? [event(3, Math.min(now, job.at + job.takes), `The job has ${status}`)] : []),
    event(2, job.at, `Validating training file: ${job.training}`),
    event(1, job.at, `Created fine-tuning job: ${id}`),
  ]
}

const checkpoint = (job: Job, id: string) => ({
  object: 'fine_tuning.job.checkpoint',
  id: `ftckpt-${step}`,
  created_at: seconds(job.at + job.takes),
  fine_tuned_model_checkpoint: `${tunedModel(job)}:ckpt-step-${step}`,
  fine_tuning_job_id: id,
  step_number: step,
  metrics: { step, train_loss: 0.5 },
})
