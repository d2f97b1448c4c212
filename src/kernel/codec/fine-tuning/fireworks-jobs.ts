/**
 * Jobs of Fireworks, which names everything by its path below an account (https://docs.fireworks.ai/api-reference/create-supervised-fine-tuning-job
 * and `api.md` of https://github.com/fw-ai-external/python-sdk, read 2026-11-27). There is no cancelling but deleting, and neither events nor
 * checkpoints: what is told of the job stands for them.
 */
import type { FineTuneState, FineTuneStatus } from '../../../model/fine-tune.ts'
import { isJsonObject } from '../../../model/json.ts'
import type { JsonObject } from '../../../model/json.ts'
import type { FineTuneCalls } from '../../account-calls.ts'
import { notExpressible, refuseMultiplier, trainingOf } from './hyperparameters.ts'
import { countOf, secondsOf, textOf } from './told.ts'
import { pathStep } from '../../path-step.ts'

const service = 'Fireworks AI'

const statuses: Readonly<Record<string, FineTuneStatus>> = {
  JOB_STATE_CREATING: 'queued',
  JOB_STATE_PENDING: 'queued',
  JOB_STATE_RE_QUEUEING: 'queued',
  JOB_STATE_IDLE: 'queued',
  JOB_STATE_VALIDATING: 'validating_files',
  JOB_STATE_CREATING_INPUT_DATASET: 'validating_files',
  JOB_STATE_PAUSED: 'paused',
  JOB_STATE_COMPLETED: 'succeeded',
  JOB_STATE_EARLY_STOPPED: 'succeeded',
  JOB_STATE_FAILED: 'failed',
  JOB_STATE_EXPIRED: 'failed',
  JOB_STATE_CANCELLED: 'cancelled',
  JOB_STATE_DELETING: 'cancelled',
  JOB_STATE_DELETED: 'cancelled',
}

export function fireworksJobs(accountId: string): FineTuneCalls {
  const account = `accounts/${pathStep(accountId)}`
  const jobs = `/v1/${account}/supervisedFineTuningJobs`
  const one = (id: string): string => `${jobs}/${pathStep(id)}`
  return {
    verified: true,
    create(request) {
      const training = trainingOf(request, service)
      if (training.kind !== 'supervised') throw notExpressible('method', `${service} trains by examples alone here.`)
      if (request.seed !== undefined) throw notExpressible('seed', `${service} takes no seed: leave it out.`)
      if (request.integrations !== undefined && request.integrations.length > 0)
        throw notExpressible('integrations', `${service} wants a key of the integration's own service: leave it out.`)
      refuseMultiplier(training, service)
      const { model, training: dataset, validation, suffix } = request
      return {
        method: 'POST',
        path: jobs,
        body: {
          baseModel: model,
          dataset: `${account}/datasets/${dataset}`,
          ...(validation !== undefined && { evaluationDataset: `${account}/datasets/${validation}` }),
          ...(suffix !== undefined && { outputModel: `${account}/models/${modelId(suffix, request.id)}` }),
          ...(training.epochs !== undefined && { epochs: training.epochs }),
          ...(training.batchSize !== undefined && { batchSizeSamples: training.batchSize }),
        },
      }
    },
    readJob(answer) {
      const id = textOf(answer['name'])?.split('/').at(-1)
      return id === undefined || id === '' ? undefined : { id, state: stateOf(answer) }
    },
    state: (id) => ({ method: 'GET', path: one(id) }),
    cancel: (id) => ({ method: 'DELETE', path: one(id) }),
    resume: (id) => ({ method: 'POST', path: `${one(id)}:resume`, body: {} }),
    events: (id) => ({ method: 'GET', path: one(id) }),
    readEvents(job) {
      const [created, completed] = [secondsOf(job['createTime']), secondsOf(job['completedTime'])]
      const { status } = stateOf(job)
      const event = (place: number, createdAt: number, message: string) => ({
        id: `ftevent-${place}`,
        createdAt,
        level: status === 'failed' && place === 2 ? ('error' as const) : ('info' as const),
        message,
        type: 'message' as const,
      })
      return {
        events: [
          ...(completed === undefined ? [] : [event(2, completed, messageOf(job) ?? `The job is over: ${status}`)]),
          ...(created === undefined ? [] : [event(1, created, 'Created fine-tuning job')]),
        ],
      }
    },
  }
}

/** As names of resources may be. */
const modelId = (suffix: string, job: string): string =>
  `${suffix.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-')}-${job.slice(-8).toLowerCase()}`

const messageOf = ({ status }: JsonObject): string | undefined =>
  isJsonObject(status) ? textOf(status['message']) : undefined

function stateOf(job: JsonObject): FineTuneState {
  const status = statuses[textOf(job['state']) ?? ''] ?? 'running'
  const model = textOf(job['outputModel'])
  const finishedAt = secondsOf(job['completedTime'])
  const epochs = countOf(job['epochs'])
  return {
    status,
    ...(status === 'succeeded' && model !== undefined && { model }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(epochs !== undefined && { hyperparameters: { n_epochs: epochs } }),
    ...(status === 'failed' && {
      failure: { code: 'failed', message: messageOf(job) ?? 'The job failed.', param: null },
    }),
  }
}
