/** Jobs as clients are told of them: https://developers.openai.com/api/reference/resources/fine_tuning (read 2026-11-27). */
import type { FineTuneCheckpoint, FineTuneEvent } from '../../model/fine-tune.ts'
import { isOver } from '../../model/fine-tune.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'
import type { StoredFineTune } from '../../stores/fine-tune-store.ts'

type Identified = JsonObject & { readonly id: string }

export function jobJson(job: StoredFineTune): Identified {
  const { state, asked, resultFiles } = job
  const { method, hyperparameters } = state
  return {
    id: job.id,
    object: 'fine_tuning.job',
    model: job.model,
    created_at: Math.floor(job.createdAt / 1000),
    finished_at: isOver(state) ? (state.finishedAt ?? null) : null,
    estimated_finish: state.estimatedFinish ?? null,
    fine_tuned_model: state.model === undefined ? null : `${job.provider}/${state.model}`,
    organization_id: job.provider,
    result_files: (state.resultFiles ?? []).flatMap((remote) => resultFiles[remote] ?? []),
    status: state.status,
    training_file: job.trainingFile,
    validation_file: job.validationFile ?? null,
    hyperparameters: hyperparameters ?? (isJsonObject(asked['hyperparameters']) ? asked['hyperparameters'] : {}),
    trained_tokens: state.trainedTokens ?? null,
    error: state.failure === undefined ? null : { ...state.failure },
    integrations: asked['integrations'] ?? [],
    seed: state.seed ?? (typeof asked['seed'] === 'number' ? asked['seed'] : 0),
    method: method ?? asked['method'] ?? { type: 'supervised' },
    metadata: asked['metadata'] ?? null,
  }
}

export const eventJson = ({ id, createdAt, level, message, type, data }: FineTuneEvent): Identified => ({
  id,
  object: 'fine_tuning.job.event',
  created_at: createdAt,
  level,
  message,
  type: type ?? 'message',
  data: data ?? {},
})

export const checkpointJson = (job: StoredFineTune, checkpoint: FineTuneCheckpoint): Identified => ({
  id: checkpoint.id,
  object: 'fine_tuning.job.checkpoint',
  created_at: checkpoint.createdAt,
  fine_tuned_model_checkpoint: checkpoint.model === '' ? '' : `${job.provider}/${checkpoint.model}`,
  fine_tuning_job_id: job.id,
  step_number: checkpoint.step,
  metrics: checkpoint.metrics,
})
