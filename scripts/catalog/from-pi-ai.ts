/** The model lists of the package pi-ai: newer than those of models.dev, from which most of them are, and with fewer facts. */
import type { CatalogPrice, ModelFacts } from '../../src/control/catalog/catalog-file.ts'
import { usdText } from './decimal.ts'
import { booleanOf, knownOf, modalitiesOf, recordOf, tokensOf } from './statement.ts'
import type { Statement } from './statement.ts'

/** The package's files, without their ending, and our drivers. */
export const piAiFiles: Readonly<Record<string, string>> = {
  'amazon-bedrock': 'bedrock',
  anthropic: 'anthropic',
  azure: 'azure',
  baseten: 'baseten',
  cerebras: 'cerebras',
  'cloudflare-workers-ai': 'cloudflare',
  deepseek: 'deepseek',
  fireworks: 'fireworks',
  google: 'gemini',
  'google-vertex': 'vertex',
  groq: 'groq',
  huggingface: 'huggingface',
  minimax: 'minimax',
  mistral: 'mistral',
  moonshotai: 'moonshot',
  nvidia: 'nvidia-nim',
  openai: 'openai',
  openrouter: 'openrouter',
  together: 'together',
  'vercel-ai-gateway': 'vercel-ai-gateway',
  xai: 'xai',
  zai: 'zai',
}

/** `file` is what one of the files holds: protocols, each with its models. */
export function fromPiAi(provider: string, file: unknown): Statement[] {
  return Object.values(recordOf(file)).flatMap((models) =>
    Object.values(recordOf(models)).flatMap((value) => {
      const model = recordOf(value)
      const { id } = model
      return model['type'] === 'chat' && typeof id === 'string' ? [statementOf(provider, id, model)] : []
    }),
  )
}

function statementOf(provider: string, id: string, model: Readonly<Record<string, unknown>>): Statement {
  const cost = recordOf(model['cost'])
  const price = ratesOf(cost)
  const tiers = (Array.isArray(cost['tiers']) ? (cost['tiers'] as unknown[]) : []).flatMap((value) => {
    const tier = recordOf(value)
    const above = tokensOf(tier['inputTokensAbove'])
    return above === undefined ? [] : [{ above, ...ratesOf(tier) }]
  })
  return {
    provider,
    id,
    facts: knownOf<ModelFacts>({
      name: typeof model['name'] === 'string' ? model['name'] : undefined,
      task: 'chat',
      context: tokensOf(model['contextWindow']),
      maxOutput: tokensOf(model['maxTokens']),
      inputs: modalitiesOf(model['input']),
      reasoning: booleanOf(model['reasoning']),
      caching: price.cacheRead === undefined ? undefined : true,
    }),
    ...(Object.keys(price).length > 0 && {
      price: { ...price, ...(tiers.length > 0 && { tiers: tiers.sort((a, b) => a.above - b.above) }) },
    }),
  }
}

const ratesOf = (cost: Readonly<Record<string, unknown>>): CatalogPrice =>
  knownOf<CatalogPrice>({
    input: usdText(cost['input']),
    output: usdText(cost['output']),
    cacheRead: usdText(cost['cacheRead']),
    cacheWrite: usdText(cost['cacheWrite']),
  })
