/** The data of models.dev, as a program that carries it has it: providers, their models, facts and prices. */
import type { CatalogPrice, ModelFacts } from '../../src/control/catalog/catalog-file.ts'
import { usdText } from './decimal.ts'
import { readLiteral } from './js-literal.ts'
import { booleanOf, knownOf, modalitiesOf, recordOf, roughDateOf, tokensOf } from './statement.ts'
import type { Statement } from './statement.ts'

/** Our drivers, and what models.dev calls the service; the first that tells of a model is believed. */
const providers: Readonly<Record<string, readonly string[]>> = {
  ai21: ['ai21'],
  anthropic: ['anthropic'],
  azure: ['azure'],
  'azure-foundry': ['azure-cognitive-services'],
  baseten: ['baseten'],
  bedrock: ['amazon-bedrock'],
  cerebras: ['cerebras'],
  chutes: ['chutes'],
  cloudflare: ['cloudflare-workers-ai'],
  cohere: ['cohere'],
  crusoe: ['crusoe'],
  dashscope: ['alibaba'],
  databricks: ['databricks'],
  deepinfra: ['deepinfra'],
  deepseek: ['deepseek'],
  digitalocean: ['digitalocean'],
  fireworks: ['fireworks-ai'],
  friendli: ['friendli'],
  gemini: ['google'],
  gmi: ['gmicloud'],
  groq: ['groq'],
  huggingface: ['huggingface'],
  'inference-net': ['inference'],
  'lm-studio': ['lmstudio'],
  'meta-llama': ['llama'],
  minimax: ['minimax'],
  mistral: ['mistral'],
  moonshot: ['moonshotai'],
  nebius: ['nebius'],
  novita: ['novita-ai'],
  'nvidia-nim': ['nvidia'],
  openai: ['openai'],
  openrouter: ['openrouter'],
  ovhcloud: ['ovhcloud'],
  perplexity: ['perplexity'],
  poe: ['poe'],
  requesty: ['requesty'],
  scaleway: ['scaleway'],
  siliconflow: ['siliconflow'],
  snowflake: ['snowflake-cortex'],
  stepfun: ['stepfun-ai', 'stepfun'],
  together: ['togetherai'],
  upstage: ['upstage'],
  v0: ['v0'],
  'vercel-ai-gateway': ['vercel'],
  vertex: ['google-vertex', 'google-vertex-anthropic'],
  volcengine: ['volcengine'],
  xai: ['xai'],
  zai: ['zai'],
}

const mark = '",env:["'
/** More than the data has, and little enough to be decoded. */
const longest = 32 * 1024 * 1024

/** Finds the data in the program that carries it; throws where it is not. */
export function modelsDevIn(program: Buffer): Readonly<Record<string, unknown>> {
  for (let at = program.indexOf(mark); at >= 0; at = program.indexOf(mark, at + 1)) {
    const before = program.subarray(Math.max(0, at - 200), at).toString('latin1')
    const head = /\{(?:"([^"]+)"|([\w$]+)):\{id:"([^"]+)$/.exec(before)
    if (head === null || (head[1] ?? head[2]) !== head[3]) continue
    const start = at - head[0].length
    const data = recordOf(readLiteral(program.subarray(start, start + longest).toString('utf8')))
    if (Object.values(data).every((provider) => 'models' in recordOf(provider))) return data
  }
  throw new Error('the data of models.dev is not in there')
}

export function fromModelsDev(data: Readonly<Record<string, unknown>>): Statement[] {
  return Object.entries(providers).flatMap(([provider, theirs]) =>
    theirs.flatMap((their) =>
      Object.entries(recordOf(recordOf(data[their])['models'])).map(([id, model]) =>
        statementOf(provider, id, recordOf(model)),
      ),
    ),
  )
}

function statementOf(provider: string, id: string, model: Readonly<Record<string, unknown>>): Statement {
  const limit = recordOf(model['limit'])
  const modalities = recordOf(model['modalities'])
  const price = priceOf(recordOf(model['cost']))
  return {
    provider,
    id,
    facts: knownOf<ModelFacts>({
      name: typeof model['name'] === 'string' ? model['name'] : undefined,
      context: tokensOf(limit['context']),
      maxInput: tokensOf(limit['input']),
      maxOutput: tokensOf(limit['output']),
      inputs: modalitiesOf(modalities['input']),
      outputs: modalitiesOf(modalities['output']),
      tools: booleanOf(model['tool_call']),
      reasoning: booleanOf(model['reasoning']),
      structured: booleanOf(model['structured_output']),
      // It tells of the cache by its price alone.
      caching: price?.cacheRead === undefined ? undefined : true,
      knowledge: roughDateOf(model['knowledge']),
      released: roughDateOf(model['release_date']),
      status: (['alpha', 'beta', 'deprecated'] as const).find((status) => status === model['status']),
      openWeights: booleanOf(model['open_weights']),
    }),
    ...(price !== undefined && { price }),
  }
}

function priceOf(cost: Readonly<Record<string, unknown>>): CatalogPrice | undefined {
  const rates = ratesOf(cost)
  const listed = Array.isArray(cost['tiers']) ? (cost['tiers'] as unknown[]).map(recordOf) : []
  const long = recordOf(cost['context_over_200k'])
  const tiers =
    listed.length > 0
      ? listed.flatMap((tier) => {
          const above = tokensOf(recordOf(tier['tier'])['size'])
          return above === undefined ? [] : [{ above, ...ratesOf(tier) }]
        })
      : 'input' in long
        ? [{ above: 200_000, ...ratesOf(long) }]
        : []
  if (Object.keys(rates).length === 0) return undefined
  return { ...rates, ...(tiers.length > 0 && { tiers: tiers.sort((a, b) => a.above - b.above) }) }
}

const ratesOf = (cost: Readonly<Record<string, unknown>>): CatalogPrice =>
  knownOf<CatalogPrice>({
    input: usdText(cost['input']),
    output: usdText(cost['output']),
    cacheRead: usdText(cost['cache_read']),
    cacheWrite: usdText(cost['cache_write']),
    reasoning: usdText(cost['reasoning']),
    inputAudio: usdText(cost['input_audio']),
    outputAudio: usdText(cost['output_audio']),
  })
