/**
 * Jobs of Mistral: several training files with weights, statuses in capitals, events and checkpoints within the job itself
 * (https://github.com/mistralai/client-python/blob/v1/docs/models/completiondetailedjobout.md, read 2026-11-27).
 */
import type { FineTuneState, FineTuneStatus } from '../../../model/fine-tune.ts'
import { isJsonObject } from '../../../model/json.ts'
import type { JsonObject, JsonValue } from '../../../model/json.ts'
import type { AccountCall, FineTuneCalls } from '../../account-calls.ts'
import { notExpressible, refuseMultiplier, trainingOf } from './hyperparameters.ts'
import { countOf, secondsOf, textOf } from './told.ts'
import { pathStep } from '../../path-step.ts'

const service = 'Mistral AI'

const statuses: Readonly<Record<string, FineTuneStatus>> = {
  QUEUED: 'queued',
  STARTED: 'running',
  VALIDATING: 'validating_files',
  VALIDATED: 'queued',
  RUNNING: 'running',
  FAILED_VALIDATION: 'failed',
  FAILED: 'failed',
  SUCCESS: 'succeeded',
  CANCELLED: 'cancelled',
  CANCELLATION_REQUESTED: 'running',
}

export function mistralJobs(path: string, verified: boolean): FineTuneCalls {
  const one = (id: string, rest = ''): string => `${path}/${pathStep(id)}${rest}`
  const get = (id: string): AccountCall => ({ method: 'GET', path: one(id) })
  return {
    verified,
    create(request) {
      const { model, training: file, validation, suffix, integrations, seed } = request
      const training = trainingOf(request, service)
      if (training.kind !== 'supervised') throw notExpressible('method', `${service} trains by examples alone.`)
      if (seed !== undefined) throw notExpressible('seed', `${service} takes no seed: leave it out.`)
      if (training.batchSize !== undefined)
        throw notExpressible(
          'hyperparameters.batch_size',
          `${service} chooses the size of batches itself: leave it out.`,
        )
      refuseMultiplier(training, service)
      return {
        method: 'POST',
        path,
        body: {
          model,
          training_files: [{ file_id: file, weight: 1 }],
          ...(validation !== undefined && { validation_files: [validation] }),
          ...(suffix !== undefined && { suffix }),
          ...(integrations !== undefined && { integrations: integrations.map(flatIntegration) }),
          hyperparameters: { ...(training.epochs !== undefined && { epochs: training.epochs }) },
          auto_start: true,
        },
      }
    },
    readJob(answer) {
      const id = textOf(answer['id'])
      return id === undefined ? undefined : { id, state: stateOf(answer) }
    },
    state: get,
    cancel: (id) => ({ method: 'POST', path: one(id, '/cancel') }),
    events: get,
    readEvents: ({ events }) => ({
      events: newestFirst(events).map(([event, place]) => ({
        id: `ftevent-${place}`,
        createdAt: secondsOf(event['created_at']) ?? 0,
        level: 'info',
        message: textOf(event['name']) ?? '',
        type: 'message',
        ...(isJsonObject(event['data']) && { data: event['data'] }),
      })),
    }),
    checkpoints: get,
    readCheckpoints: ({ checkpoints }) => ({
      checkpoints: newestFirst(checkpoints).map(([checkpoint]) => ({
        id: `ftckpt-${countOf(checkpoint['step_number']) ?? 0}`,
        createdAt: secondsOf(checkpoint['created_at']) ?? 0,
        // They cannot be called by themselves.
        model: '',
        step: countOf(checkpoint['step_number']) ?? 0,
        metrics: isJsonObject(checkpoint['metrics']) ? checkpoint['metrics'] : {},
      })),
    }),
  }
}

function stateOf(job: JsonObject): FineTuneState {
  const status = statuses[textOf(job['status']) ?? ''] ?? 'running'
  const model = textOf(job['fine_tuned_model'])
  const trainedTokens = countOf(job['trained_tokens'])
  const finishedAt = secondsOf(job['modified_at'])
  const { hyperparameters } = job
  const epochs = isJsonObject(hyperparameters) ? countOf(hyperparameters['epochs']) : undefined
  const over = status === 'succeeded' || status === 'failed' || status === 'cancelled'
  return {
    status,
    ...(model !== undefined && { model }),
    ...(trainedTokens !== undefined && { trainedTokens }),
    ...(over && finishedAt !== undefined && { finishedAt }),
    ...(epochs !== undefined && { hyperparameters: { n_epochs: epochs } }),
    ...(status === 'failed' && { failure: failureOf(job) }),
  }
}

/** Why it failed is told by its last event. */
function failureOf({ events, status }: JsonObject) {
  const [last] = newestFirst(events)
  const data = last?.[0]['data']
  const message = (isJsonObject(data) ? textOf(data['error']) : undefined) ?? textOf(last?.[0]['name'])
  return { code: (textOf(status) ?? 'failed').toLowerCase(), message: message ?? 'The job failed.', param: null }
}

/** With the place of each, counted from the oldest. */
function newestFirst(list: JsonValue | undefined): [JsonObject, number][] {
  const entries = Array.isArray(list) ? list.filter(isJsonObject) : []
  return entries
    .toSorted((a, b) => (secondsOf(a['created_at']) ?? 0) - (secondsOf(b['created_at']) ?? 0))
    .map((entry, place): [JsonObject, number] => [entry, place + 1])
    .toReversed()
}

/** OpenAI has the settings in an object of their own. */
function flatIntegration(integration: JsonValue): JsonValue {
  if (!isJsonObject(integration) || !isJsonObject(integration['wandb'])) return integration
  return { type: 'wandb', ...integration['wandb'] }
}
