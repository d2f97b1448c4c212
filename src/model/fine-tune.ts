/** A job that tunes a model, in OpenAI's terms: https://developers.openai.com/api/reference/resources/fine_tuning (read 2026-11-27). */
import type { JsonObject, JsonValue } from './json.ts'

export type FineTuneStatus = 'validating_files' | 'queued' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled'

export interface FineTuneFailure {
  readonly code: string
  readonly message: string
  readonly param: string | null
}

/** How a job does, as far as the provider tells. */
export interface FineTuneState {
  readonly status: FineTuneStatus
  /** The provider's name of the tuned model, once it is there. */
  readonly model?: string
  readonly trainedTokens?: number
  readonly failure?: FineTuneFailure
  /** Unix seconds. */
  readonly finishedAt?: number
  readonly estimatedFinish?: number
  /** The provider's own ids of what it wrote about the job. */
  readonly resultFiles?: readonly string[]
  readonly hyperparameters?: JsonObject
  readonly method?: JsonObject
  readonly seed?: number
}

export interface FineTuneEvent {
  readonly id: string
  /** Unix seconds. */
  readonly createdAt: number
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly type?: 'message' | 'metrics'
  readonly data?: JsonValue
}

export interface FineTuneCheckpoint {
  readonly id: string
  /** Unix seconds. */
  readonly createdAt: number
  /** The provider's name of the model as it was by then; '' where it cannot be called. */
  readonly model: string
  readonly step: number
  readonly metrics: JsonObject
}

export const isOver = ({ status }: FineTuneState): boolean =>
  status === 'succeeded' || status === 'failed' || status === 'cancelled'
