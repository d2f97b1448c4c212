/** Models of the configuration that serve an operation by asking another model for something else: what they say, and what is wrong with it. */
import type { ConfigPath } from './problem.ts'
import type { ConfigInput } from './schema.ts'
import type { StandInSettings } from './types.ts'

type ModelInput = ConfigInput['models'][string]

export interface StandInProblem {
  readonly path: ConfigPath
  readonly message: string
  readonly hint?: string
}

/** Exactly one way to serve the model, and exactly one to stand in. */
export function checkStandIn(model: ModelInput): StandInProblem | undefined {
  const ways = (['deployments', 'rerank'] as const).filter((way) => model[way] !== undefined)
  const [way, second] = ways
  if (way === undefined) return { path: [], message: 'has nobody to serve it', hint: 'set `deployments` or `rerank`' }
  if (second !== undefined)
    return { path: [second], message: `cannot stand beside \`${way}\``, hint: 'make two models of it' }
  if (model.rerank === undefined) return undefined
  const { embeddings, judge } = model.rerank
  if ((embeddings === undefined) === (judge === undefined))
    return { path: ['rerank'], message: 'must have either `embeddings` or `judge`' }
  return undefined
}

export function standInOf({ rerank }: ModelInput): { readonly standIn?: StandInSettings } {
  if (rerank === undefined) return {}
  const { embeddings, judge, batch } = rerank
  return {
    standIn: {
      operation: 'rerank',
      by: embeddings === undefined ? 'judge' : 'embeddings',
      target: embeddings ?? judge ?? '',
      batch,
    },
  }
}

/** Where names of other models stand in such an entry. */
export const standInTargets = [
  ['rerank', 'embeddings'],
  ['rerank', 'judge'],
] as const
