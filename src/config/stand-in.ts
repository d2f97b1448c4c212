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
  const [way, second] = (['deployments', 'rerank', 'moderate'] as const).filter((each) => model[each] !== undefined)
  if (way === undefined)
    return { path: [], message: 'has nobody to serve it', hint: 'set `deployments`, `rerank` or `moderate`' }
  if (second !== undefined)
    return { path: [second], message: `cannot stand beside \`${way}\``, hint: 'make two models of it' }
  if (way === 'deployments') return undefined
  const named = standInTargets.filter(
    ([section, member]) =>
      section === way && (model[section] as Readonly<Record<string, unknown>>)[member] !== undefined,
  )
  if (named.length === 1) return undefined
  const choices = standInTargets.filter(([section]) => section === way).map(([, member]) => `\`${member}\``)
  return { path: [way], message: `must have either ${choices.join(' or ')}` }
}

export function standInOf({ rerank, moderate }: ModelInput): { readonly standIn?: StandInSettings } {
  if (rerank !== undefined) {
    const { embeddings, judge, batch } = rerank
    const by = embeddings === undefined ? 'judge' : 'embeddings'
    return { standIn: { operation: 'rerank', by, target: embeddings ?? judge ?? '', batch } }
  }
  if (moderate === undefined) return {}
  const { llama_guard: guard, judge } = moderate
  const by = guard === undefined ? 'judge' : 'llama-guard'
  return { standIn: { operation: 'moderate', by, target: guard ?? judge ?? '', batch: 1 } }
}

/** Where names of other models stand in such an entry. */
export const standInTargets = [
  ['rerank', 'embeddings'],
  ['rerank', 'judge'],
  ['moderate', 'llama_guard'],
  ['moderate', 'judge'],
] as const
