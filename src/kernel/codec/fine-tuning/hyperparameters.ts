/** What a request says of how to train, wherever it says it, for services that call it otherwise. */
import { Fault } from '../../../model/fault.ts'
import { isJsonObject } from '../../../model/json.ts'
import type { JsonObject } from '../../../model/json.ts'
import type { FineTuneRequest } from '../../account-calls.ts'

export interface Training {
  readonly kind: 'supervised' | 'dpo'
  readonly epochs?: number
  readonly batchSize?: number
  readonly learningRateMultiplier?: number
  readonly beta?: number
}

/** `auto` is what is not said. Throws a Fault for ways of training that only OpenAI has. */
export function trainingOf({ method, hyperparameters }: FineTuneRequest, service: string): Training {
  const kind = method === undefined ? 'supervised' : method['type']
  if (kind !== 'supervised' && kind !== 'dpo')
    throw notExpressible('method', `${service} does not train by ${JSON.stringify(kind)}.`)
  const own = method?.[kind]
  const nested = isJsonObject(own) && isJsonObject(own['hyperparameters']) ? own['hyperparameters'] : {}
  const all: JsonObject = { ...hyperparameters, ...nested }
  const number = (name: string): number | undefined => (typeof all[name] === 'number' ? all[name] : undefined)
  const [epochs, batchSize] = [number('n_epochs'), number('batch_size')]
  const [learningRateMultiplier, beta] = [number('learning_rate_multiplier'), number('beta')]
  return {
    kind,
    ...(epochs !== undefined && { epochs }),
    ...(batchSize !== undefined && { batchSize }),
    ...(learningRateMultiplier !== undefined && { learningRateMultiplier }),
    ...(beta !== undefined && { beta }),
  }
}

export const notExpressible = (param: string, message: string): Fault =>
  new Fault('not_expressible', message, { param })

/** Services have rates of their own, of which nobody knows what OpenAI's multiplier would make. */
export function refuseMultiplier({ learningRateMultiplier }: Training, service: string): void {
  if (learningRateMultiplier !== undefined)
    throw notExpressible(
      'hyperparameters.learning_rate_multiplier',
      `${service} has learning rates of its own and no multiplier: leave it out.`,
    )
}
