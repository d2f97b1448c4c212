/** LiteLLM's table of models: the one that tells when models end, and the only one for some providers. Prices are dollars a token. */
import type { CatalogPrice, ModelFacts } from '../../src/control/catalog/catalog-file.ts'
import { usdText } from './decimal.ts'
import { dayOf, knownOf, modalitiesOf, recordOf, taskOf, tokensOf } from './statement.ts'
import type { Statement } from './statement.ts'

interface Service {
  readonly driver: string
  /** What stands before a model's name; keys without it are no models of the service. */
  readonly prefix?: string
  /** Keys may come with and without the prefix. */
  readonly bare?: boolean
  /** No model of the service has a slash in its name: such keys are of regions and picture sizes. */
  readonly flat?: boolean
}

const listed = (driver: string, prefix: string, more: Partial<Service> = {}): Service => ({ driver, prefix, ...more })

/** By the table's names of services. */
const services: Readonly<Record<string, Service>> = {
  ai21: { driver: 'ai21', flat: true },
  anthropic: { driver: 'anthropic', flat: true },
  anyscale: listed('anyscale', 'anyscale'),
  azure: listed('azure', 'azure', { flat: true }),
  azure_ai: listed('azure-foundry', 'azure_ai'),
  baseten: listed('baseten', 'baseten'),
  bedrock: { driver: 'bedrock', flat: true },
  bedrock_converse: { driver: 'bedrock', flat: true },
  cerebras: listed('cerebras', 'cerebras'),
  cloudflare: listed('cloudflare', 'cloudflare'),
  cohere: listed('cohere', 'cohere', { bare: true, flat: true }),
  cohere_chat: listed('cohere', 'cohere', { bare: true, flat: true }),
  crusoe: listed('crusoe', 'crusoe'),
  dashscope: listed('dashscope', 'dashscope'),
  databricks: listed('databricks', 'databricks', { flat: true }),
  deepinfra: listed('deepinfra', 'deepinfra'),
  deepseek: listed('deepseek', 'deepseek', { bare: true, flat: true }),
  featherless_ai: listed('featherless', 'featherless_ai'),
  fireworks_ai: listed('fireworks', 'fireworks_ai'),
  'fireworks_ai-embedding-models': listed('fireworks', 'fireworks_ai'),
  friendliai: listed('friendli', 'friendliai'),
  gemini: listed('gemini', 'gemini', { flat: true }),
  gmi: listed('gmi', 'gmi'),
  groq: listed('groq', 'groq'),
  hyperbolic: listed('hyperbolic', 'hyperbolic'),
  jina_ai: listed('jina', 'jina_ai', { bare: true, flat: true }),
  meta_llama: listed('meta-llama', 'meta_llama'),
  minimax: listed('minimax', 'minimax', { flat: true }),
  mistral: listed('mistral', 'mistral', { flat: true }),
  moonshot: listed('moonshot', 'moonshot', { flat: true }),
  nebius: listed('nebius', 'nebius'),
  novita: listed('novita', 'novita'),
  nvidia_nim: listed('nvidia-nim', 'nvidia_nim'),
  ollama: listed('ollama', 'ollama'),
  openai: { driver: 'openai', flat: true },
  'text-completion-openai': { driver: 'openai', flat: true },
  ovhcloud: listed('ovhcloud', 'ovhcloud'),
  // What has another slash is of its agents, which another protocol asks for.
  perplexity: listed('perplexity', 'perplexity', { flat: true }),
  sagemaker: listed('sagemaker', 'sagemaker'),
  sambanova: listed('sambanova', 'sambanova'),
  scaleway: listed('scaleway', 'scaleway'),
  snowflake: listed('snowflake', 'snowflake'),
  together_ai: listed('together', 'together_ai'),
  v0: listed('v0', 'v0'),
  vercel_ai_gateway: listed('vercel-ai-gateway', 'vercel_ai_gateway'),
  vertex_ai: listed('vertex', 'vertex_ai'),
  'vertex_ai-ai21_models': listed('vertex', 'vertex_ai'),
  'vertex_ai-anthropic_models': listed('vertex', 'vertex_ai'),
  'vertex_ai-deepseek_models': listed('vertex', 'vertex_ai'),
  'vertex_ai-language-models': listed('vertex', 'vertex_ai', { bare: true, flat: true }),
  'vertex_ai-llama_models': listed('vertex', 'vertex_ai'),
  'vertex_ai-minimax_models': listed('vertex', 'vertex_ai'),
  'vertex_ai-mistral_models': listed('vertex', 'vertex_ai'),
  'vertex_ai-moonshot_models': listed('vertex', 'vertex_ai'),
  'vertex_ai-openai_models': listed('vertex', 'vertex_ai'),
  'vertex_ai-qwen_models': listed('vertex', 'vertex_ai'),
  'vertex_ai-zai_models': listed('vertex', 'vertex_ai'),
  volcengine: listed('volcengine', 'volcengine', { bare: true, flat: true }),
  voyage: listed('voyage', 'voyage', { flat: true }),
  xai: listed('xai', 'xai', { flat: true }),
  zai: listed('zai', 'zai', { flat: true }),
}

const taskOfMode: Readonly<Record<string, string>> = {
  responses: 'chat',
  image_generation: 'image',
  image_edit: 'image',
  audio_transcription: 'transcription',
  audio_speech: 'speech',
  video_generation: 'video',
}

export function fromLitellm(table: Readonly<Record<string, unknown>>): Statement[] {
  return Object.entries(table).flatMap(([key, value]) => {
    const model = recordOf(value)
    const service = services[String(model['litellm_provider'])]
    const id = service && idOf(service, key)
    const mode = typeof model['mode'] === 'string' ? model['mode'] : undefined
    const task = taskOf(mode === undefined ? undefined : (taskOfMode[mode] ?? mode))
    // Of other things than models, such as searches, it tells in the same table.
    if (service === undefined || id === undefined || (mode !== undefined && task === undefined)) return []
    const price = priceOf(model)
    const told = (ability: string): true | undefined => (model[`supports_${ability}`] === true ? true : undefined)
    return [
      {
        provider: service.driver,
        id,
        facts: knownOf<ModelFacts>({
          task,
          context: tokensOf(model['max_input_tokens']),
          maxOutput: tokensOf(model['max_output_tokens']),
          inputs: inputsOf(model, task),
          outputs: modalitiesOf(model['supported_output_modalities']),
          // The table leaves most of what a model cannot out, so that only what it can is a fact.
          tools: told('function_calling'),
          reasoning: told('reasoning'),
          structured: told('response_schema'),
          caching: told('prompt_caching'),
          retires: dayOf(model['deprecation_date']),
        }),
        ...(price !== undefined && { price }),
      },
    ]
  })
}

function idOf({ prefix, bare = false, flat = false }: Service, key: string): string | undefined {
  const prefixed = prefix !== undefined && key.startsWith(`${prefix}/`)
  if (prefix !== undefined && !prefixed && !bare) return undefined
  const id = prefixed ? key.slice(prefix.length + 1) : key
  return id === '' || id.startsWith('ft:') || (flat && id.includes('/')) ? undefined : id
}

function inputsOf(model: Readonly<Record<string, unknown>>, task: ModelFacts['task']): ModelFacts['inputs'] {
  const listedInputs = modalitiesOf(model['supported_modalities'])
  if (listedInputs === undefined && task !== 'chat') return undefined
  const can = (ability: string, modality: string): string[] => (model[`supports_${ability}`] === true ? [modality] : [])
  const more = [
    ...can('vision', 'image'),
    ...can('audio_input', 'audio'),
    ...can('video_input', 'video'),
    ...can('pdf_input', 'pdf'),
  ]
  // That a chat model takes text alone is not a fact where nothing is said of the rest.
  return listedInputs === undefined && more.length === 0
    ? undefined
    : modalitiesOf([...(listedInputs ?? ['text']), ...more])
}

const perToken = {
  input: 'input_cost_per_token',
  output: 'output_cost_per_token',
  cacheRead: 'cache_read_input_token_cost',
  cacheWrite: 'cache_creation_input_token_cost',
  cacheWrite1h: 'cache_creation_input_token_cost_above_1hr',
  reasoning: 'output_cost_per_reasoning_token',
  inputAudio: 'input_cost_per_audio_token',
  outputAudio: 'output_cost_per_audio_token',
} as const

const ratesOf = (model: Readonly<Record<string, unknown>>, ending = ''): CatalogPrice =>
  knownOf<CatalogPrice>(
    Object.fromEntries(Object.entries(perToken).map(([rate, key]) => [rate, usdText(model[`${key}${ending}`], 6)])),
  )

function priceOf(model: Readonly<Record<string, unknown>>): CatalogPrice | undefined {
  // Prices by the hour have no place here, and one of them alone would be wrong for the rest of the day.
  if (model['off_peak_pricing'] !== undefined) return undefined
  const steps = model['tiered_pricing']
  if (Array.isArray(steps)) return steppedPrice(steps.map(recordOf))
  const rates = ratesOf(model)
  if (Object.keys(rates).length === 0) return undefined
  const above = new Set(
    Object.keys(model).flatMap((key) => {
      const thousands = /^input_cost_per_token_above_(\d+)k_tokens$/.exec(key)?.[1]
      return thousands === undefined ? [] : [Number(thousands)]
    }),
  )
  const tiers = [...above]
    .sort((a, b) => a - b)
    .map((thousands) => ({ above: thousands * 1000, ...ratesOf(model, `_above_${thousands}k_tokens`) }))
  return { ...rates, ...(tiers.length > 0 && { tiers }) }
}

function steppedPrice(steps: readonly Readonly<Record<string, unknown>>[]): CatalogPrice | undefined {
  const [first, ...tiers] = steps
    .map((step) => ({ above: Array.isArray(step['range']) ? Number(step['range'][0]) : Number.NaN, ...ratesOf(step) }))
    .sort((a, b) => a.above - b.above)
  if (first?.above !== 0 || tiers.some(({ above }) => tokensOf(above) === undefined)) return undefined
  const { above: _, ...rates } = first
  return { ...rates, ...(tiers.length > 0 && { tiers }) }
}
