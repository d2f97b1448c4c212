/** Jobs in OpenAI's own words: https://developers.openai.com/api/reference/resources/fine_tuning (read 2026-11-27). */
import type { FineTuneStatus } from '../../../model/fine-tune.ts'
import { isJsonObject } from '../../../model/json.ts'
import type { JsonObject, JsonValue } from '../../../model/json.ts'
import type { AccountCall, EventPage, FineTuneCalls } from '../../account-calls.ts'
import { countOf, secondsOf, textOf } from './told.ts'
import { pathStep } from '../../path-step.ts'

export interface OpenaiJobsOptions {
  readonly verified: boolean
  /** Below the base URL, version and all. */
  readonly path: string
  /** Behind every path, with its question mark. */
  readonly query?: string
  /** What it can do with a job that is under way. */
  readonly pauses: boolean
}

const statuses: readonly FineTuneStatus[] = [
  'validating_files',
  'queued',
  'running',
  'paused',
  'succeeded',
  'failed',
  'cancelled',
]

export function openaiJobs({ verified, path, query = '', pauses }: OpenaiJobsOptions): FineTuneCalls {
  const at = (id: string, rest = ''): string => `${path}/${pathStep(id)}${rest}`
  const post =
    (rest: string) =>
    (id: string): AccountCall => ({ method: 'POST', path: `${at(id, rest)}${query}` })
  const list = (id: string, rest: string, { limit, after }: EventPage): AccountCall => {
    const page = new URLSearchParams({ limit: String(limit), ...(after !== undefined && { after }) })
    return { method: 'GET', path: `${at(id, rest)}${query === '' ? '?' : `${query}&`}${page.toString()}` }
  }
  return {
    verified,
    create(request) {
      const { training, validation, model, suffix, seed, method, hyperparameters, integrations, metadata } = request
      return {
        method: 'POST',
        path: `${path}${query}`,
        body: {
          model,
          training_file: training,
          ...(validation !== undefined && { validation_file: validation }),
          ...(suffix !== undefined && { suffix }),
          ...(seed !== undefined && { seed }),
          ...(method !== undefined && { method }),
          ...(hyperparameters !== undefined && { hyperparameters }),
          ...(integrations !== undefined && { integrations }),
          ...(metadata !== undefined && { metadata }),
        },
      }
    },
    readJob(answer) {
      const id = textOf(answer['id'])
      if (id === undefined) return undefined
      return { id, state: stateOf(answer) }
    },
    state: (id) => ({ method: 'GET', path: `${at(id)}${query}` }),
    cancel: post('/cancel'),
    ...(pauses && { pause: post('/pause'), resume: post('/resume') }),
    events: (id, page) => list(id, '/events', page),
    readEvents: (answer) => ({
      events: entriesOf(answer).map((event) => ({
        id: textOf(event['id']) ?? '',
        createdAt: secondsOf(event['created_at']) ?? 0,
        level: event['level'] === 'warn' || event['level'] === 'error' ? event['level'] : 'info',
        message: textOf(event['message']) ?? '',
        ...((event['type'] === 'message' || event['type'] === 'metrics') && { type: event['type'] }),
        ...(event['data'] !== undefined && event['data'] !== null && { data: event['data'] }),
      })),
      hasMore: answer['has_more'] === true,
    }),
    checkpoints: (id, page) => list(id, '/checkpoints', page),
    readCheckpoints: (answer) => ({
      checkpoints: entriesOf(answer).map((checkpoint) => ({
        id: textOf(checkpoint['id']) ?? '',
        createdAt: secondsOf(checkpoint['created_at']) ?? 0,
        model: textOf(checkpoint['fine_tuned_model_checkpoint']) ?? '',
        step: countOf(checkpoint['step_number']) ?? 0,
        metrics: isJsonObject(checkpoint['metrics']) ? checkpoint['metrics'] : {},
      })),
      hasMore: answer['has_more'] === true,
    }),
  }
}

function stateOf(job: JsonObject): NonNullable<ReturnType<FineTuneCalls['readJob']>>['state'] {
  const { error, hyperparameters, method, result_files: files } = job
  const model = textOf(job['fine_tuned_model'])
  const trainedTokens = countOf(job['trained_tokens'])
  const finishedAt = secondsOf(job['finished_at'])
  const estimatedFinish = secondsOf(job['estimated_finish'])
  const seed = countOf(job['seed'])
  const resultFiles = Array.isArray(files) ? files.filter((file): file is string => typeof file === 'string') : []
  return {
    // Azure has words of its own for jobs that are about to begin or to end.
    status:
      statuses.find((status) => status === job['status']) ?? olderStatuses[textOf(job['status']) ?? ''] ?? 'running',
    ...(model !== undefined && { model }),
    ...(trainedTokens !== undefined && { trainedTokens }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(estimatedFinish !== undefined && { estimatedFinish }),
    ...(seed !== undefined && { seed }),
    ...(resultFiles.length > 0 && { resultFiles }),
    ...(isJsonObject(hyperparameters) && { hyperparameters }),
    ...(isJsonObject(method) && { method }),
    ...failureOf(error),
  }
}

const olderStatuses: Readonly<Record<string, FineTuneStatus>> = {
  pending: 'queued',
  notRunning: 'queued',
  created: 'queued',
  canceled: 'cancelled',
}

/** An error without a message is how some say that there is none. */
function failureOf(error: JsonValue | undefined) {
  const message = isJsonObject(error) ? textOf(error['message']) : undefined
  if (!isJsonObject(error) || message === undefined) return {}
  return { failure: { code: textOf(error['code']) ?? 'failed', message, param: textOf(error['param']) ?? null } }
}

const entriesOf = ({ data }: JsonObject): JsonObject[] => (Array.isArray(data) ? data.filter(isJsonObject) : [])
