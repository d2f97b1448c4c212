/** The list of the simulator's models, in either protocol's shape. */
import type { JsonObject } from '../../model/json.ts'
import { findModel, modelNames } from './models.ts'
import { SimProblem } from './problem.ts'

/** When the simulator's models came into being, as services say it of theirs: Unix seconds. */
const created = 1_767_225_600

function entry(id: string, anthropic: boolean): JsonObject {
  return anthropic
    ? { type: 'model', id, display_name: id, created_at: new Date(created * 1000).toISOString() }
    : { id, object: 'model', created, owned_by: 'sluicegate' }
}

export function modelList(anthropic: boolean): string {
  const ids = modelNames.map((name) => `sim/${name}`)
  const data = ids.map((id) => entry(id, anthropic))
  const list = anthropic
    ? { data, has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null }
    : { object: 'list', data }
  return JSON.stringify(list)
}

/** One model by its name in the path, where the slash may be escaped. */
export function modelOf(name: string, anthropic: boolean): string {
  const id = name.replaceAll(/%2f/gi, '/')
  if (findModel(id) === undefined) {
    throw new SimProblem(
      404,
      `The simulator has no model ${JSON.stringify(id)}. It has: ${modelNames.map((one) => `sim/${one}`).join(', ')}.`,
      {
        param: 'model',
        code: 'model_not_found',
      },
    )
  }
  return JSON.stringify(entry(id, anthropic))
}
