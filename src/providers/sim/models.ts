/** The simulator's models: names for sets of parameters, so that the usual cases need none. */
import { hasFault, readParameters } from './parameters.ts'
import type { Parameters } from './parameters.ts'
import { SimProblem } from './problem.ts'

export interface SimModel {
  /** `prose`: text of its own. `echo`: the last user text. `refusal`: refuses. */
  readonly manner: 'prose' | 'echo' | 'refusal'
  readonly preset: Parameters
  readonly about: string
}

export const models = {
  text: { manner: 'prose', preset: { tokens: 64 }, about: 'Text without delay; the one to add parameters to.' },
  fast: { manner: 'prose', preset: { tokens: 16 }, about: 'A short answer without delay, for benchmarks.' },
  default: { manner: 'prose', preset: { tokens: 96, ttft: 250, tps: 80 }, about: 'The pace of a usual model.' },
  slow: { manner: 'prose', preset: { tokens: 96, ttft: 1500, tps: 15 }, about: 'The pace of a large or busy model.' },
  reasoning: { manner: 'prose', preset: { tokens: 64, reasoning: 64 }, about: 'Thinks before it answers.' },
  echo: { manner: 'echo', preset: {}, about: 'Answers with the last user text, verbatim.' },
  refusal: { manner: 'refusal', preset: {}, about: 'Refuses whatever it is asked.' },
  fault: {
    manner: 'prose',
    preset: { tokens: 64 },
    about: 'Fails with status 500, or in the way that its parameters say.',
  },
} as const satisfies Record<string, SimModel>

export const modelNames = Object.keys(models) as (keyof typeof models)[]

export interface ChosenModel {
  readonly name: string
  readonly manner: SimModel['manner']
  readonly parameters: Parameters
}

const prefix = 'sim/'

export function findModel(name: string): SimModel | undefined {
  const plain = name.startsWith(prefix) ? name.slice(prefix.length) : name
  // One that was tuned answers as the one that it was made of: `ft:echo:sim:suffix:id`.
  const bare = plain.startsWith('ft:') ? (plain.split(':')[1] ?? '') : plain
  return Object.hasOwn(models, bare) ? models[bare as keyof typeof models] : undefined
}

/** Reads `sim/text?tokens=20` (with or without `sim/`); `extra` are further parameters, which come first. */
export function chooseModel(asked: string, extra: string): ChosenModel {
  const [path = '', ...query] = asked.split('?')
  const model = findModel(path)
  if (model === undefined) {
    const all = modelNames.map((name) => prefix + name).join(', ')
    throw new SimProblem(404, `The simulator has no model ${JSON.stringify(path)}. It has: ${all}.`, {
      param: 'model',
      code: 'model_not_found',
    })
  }
  const given = readParameters(query.join('?'), extra)
  const preset = model === models.fault && !hasFault(given) ? { ...model.preset, status: 500 } : model.preset
  return { name: asked, manner: model.manner, parameters: { ...preset, ...given } }
}
