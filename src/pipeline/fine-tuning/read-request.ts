/** What a client asks for when it has a model tuned: https://developers.openai.com/api/reference/resources/fine_tuning (read 2026-11-27). */
import type { FineTuneRequest } from '../../kernel/account-calls.ts'
import { invalidRequest } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'

export interface AskedJob extends Omit<FineTuneRequest, 'id' | 'training' | 'validation' | 'model'> {
  readonly model: string
  readonly trainingFile: string
  readonly validationFile?: string
}

const longestSuffix = 64
const largestSeed = 2_147_483_647

/** Throws a Fault that names the member. */
export function readJobRequest(body: JsonObject): AskedJob {
  const { suffix, seed, method, hyperparameters, integrations, metadata } = body
  const trainingFile = textIn(body, 'training_file')
  const validationFile =
    body['validation_file'] === undefined || body['validation_file'] === null
      ? undefined
      : textIn(body, 'validation_file')
  if (
    suffix !== undefined &&
    suffix !== null &&
    (typeof suffix !== 'string' || suffix === '' || suffix.length > longestSuffix)
  )
    throw invalidRequest('suffix', `suffix must be text of 1 to ${longestSuffix} characters.`)
  if (
    seed !== undefined &&
    seed !== null &&
    (typeof seed !== 'number' || !Number.isInteger(seed) || seed < 0 || seed > largestSeed)
  )
    throw invalidRequest('seed', `seed must be a whole number from 0 to ${largestSeed}.`)
  if (method !== undefined && method !== null && (!isJsonObject(method) || typeof method['type'] !== 'string'))
    throw invalidRequest('method', 'method must be an object with a `type`.')
  if (hyperparameters !== undefined && hyperparameters !== null && !isJsonObject(hyperparameters))
    throw invalidRequest('hyperparameters', 'hyperparameters must be an object.')
  if (integrations !== undefined && integrations !== null && !Array.isArray(integrations))
    throw invalidRequest('integrations', 'integrations must be a list.')
  return {
    model: textIn(body, 'model'),
    trainingFile,
    ...(validationFile !== undefined && { validationFile }),
    ...(typeof suffix === 'string' && { suffix }),
    ...(typeof seed === 'number' && { seed }),
    ...(isJsonObject(method) && { method }),
    ...(isJsonObject(hyperparameters) && { hyperparameters }),
    ...(Array.isArray(integrations) && { integrations }),
    ...(isJsonObject(metadata) && { metadata }),
  }
}

function textIn(body: JsonObject, member: string): string {
  const value = body[member]
  if (typeof value !== 'string' || value === '')
    throw invalidRequest(member, value === undefined ? `${member} is missing.` : `${member} must be text.`)
  return value
}
