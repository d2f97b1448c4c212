/**
 * Jobs of Together AI: settings at the top level, a status for each step of the work, events and checkpoints without ids
 * (https://docs.together.ai/reference/post-fine-tunes and together-ai 0.52.0, read 2026-11-27).
 */
import type { FineTuneState, FineTuneStatus } from '../../../model/fine-tune.ts'
import { isJsonObject } from '../../../model/json.ts'
import type { JsonObject } from '../../../model/json.ts'
import type { FineTuneCalls } from '../../account-calls.ts'
import { notExpressible, refuseMultiplier, trainingOf } from './hyperparameters.ts'
import { countOf, secondsOf, textOf } from './told.ts'
import { pathStep } from '../../path-step.ts'

const service = 'Together AI'

const statuses: Readonly<Record<string, FineTuneStatus>> = {
  pending: 'queued',
  queued: 'queued',
  running: 'running',
  compressing: 'running',
  uploading: 'running',
  cancel_requested: 'running',
  cancelled: 'cancelled',
  error: 'failed',
  completed: 'succeeded',
}

export function togetherJobs(path: string, verified: boolean): FineTuneCalls {
  const one = (id: string, rest = ''): string => `${path}/${pathStep(id)}${rest}`
  return {
    verified,
    create(request) {
      const { model, training: file, validation, suffix, seed, integrations } = request
      const training = trainingOf(request, service)
      if (integrations !== undefined && integrations.length > 0)
        throw notExpressible('integrations', `${service} wants a key of the integration's own service: leave it out.`)
      refuseMultiplier(training, service)
      return {
        method: 'POST',
        path,
        body: {
          model,
          training_file: file,
          ...(validation !== undefined && { validation_file: validation }),
          ...(suffix !== undefined && { suffix }),
          ...(seed !== undefined && { random_seed: seed }),
          ...(training.epochs !== undefined && { n_epochs: training.epochs }),
          ...(training.batchSize !== undefined && { batch_size: training.batchSize }),
          ...(training.kind === 'dpo' && {
            training_method: { method: 'dpo', ...(training.beta !== undefined && { dpo_beta: training.beta }) },
          }),
        },
      }
    },
    readJob(answer) {
      const id = textOf(answer['id'])
      return id === undefined ? undefined : { id, state: stateOf(answer) }
    },
    state: (id) => ({ method: 'GET', path: one(id) }),
    cancel: (id) => ({ method: 'POST', path: one(id, '/cancel') }),
    events: (id) => ({ method: 'GET', path: one(id, '/events') }),
    readEvents: (answer) => ({
      events: oldestFirst(answer)
        .map((event, place) => ({
          id: `ftevent-${place + 1}`,
          createdAt: secondsOf(event['created_at']) ?? 0,
          level: levelOf(textOf(event['level']) ?? ''),
          message: textOf(event['message']) ?? '',
          type: 'message' as const,
        }))
        .toReversed(),
    }),
    checkpoints: (id) => ({ method: 'GET', path: one(id, '/checkpoints') }),
    readCheckpoints: (answer) => ({
      checkpoints: oldestFirst(answer)
        .map((checkpoint) => ({
          id: `ftckpt-${countOf(checkpoint['step']) ?? 0}-${textOf(checkpoint['checkpoint_type']) ?? ''}`,
          createdAt: secondsOf(checkpoint['created_at']) ?? 0,
          // What is told is where its weights lie, which nobody can call.
          model: '',
          step: countOf(checkpoint['step']) ?? 0,
          metrics: {},
        }))
        .toReversed(),
    }),
  }
}

function stateOf(job: JsonObject): FineTuneState {
  const status = statuses[textOf(job['status']) ?? ''] ?? 'running'
  const model = textOf(job['model_output_name'])
  const trainedTokens = countOf(job['token_count'])
  const finishedAt = secondsOf(job['updated_at'])
  const epochs = countOf(job['n_epochs'])
  const batch = countOf(job['batch_size'])
  const seed = countOf(job['random_seed'])
  const over = status === 'succeeded' || status === 'failed' || status === 'cancelled'
  const known = epochs !== undefined || batch !== undefined
  return {
    status,
    // It has its name from the beginning, and can be called at the end.
    ...(status === 'succeeded' && model !== undefined && { model }),
    ...(over && trainedTokens !== undefined && { trainedTokens }),
    ...(over && finishedAt !== undefined && { finishedAt }),
    ...(seed !== undefined && { seed }),
    ...(known && {
      hyperparameters: {
        ...(epochs !== undefined && { n_epochs: epochs }),
        ...(batch !== undefined && { batch_size: batch }),
      },
    }),
    ...(status === 'failed' && { failure: { code: 'error', message: lastError(job), param: null } }),
  }
}

function lastError({ events }: JsonObject): string {
  const all = Array.isArray(events) ? events.filter(isJsonObject) : []
  return textOf(all.findLast(({ type }) => type === 'job_error')?.['message']) ?? 'The job failed.'
}

function levelOf(level: string): 'info' | 'warn' | 'error' {
  if (level.endsWith('error')) return 'error'
  return level.endsWith('warning') ? 'warn' : 'info'
}

function oldestFirst({ data }: JsonObject): JsonObject[] {
  const entries = Array.isArray(data) ? data.filter(isJsonObject) : []
  return entries.toSorted((a, b) => (secondsOf(a['created_at']) ?? 0) - (secondsOf(b['created_at']) ?? 0))
}
