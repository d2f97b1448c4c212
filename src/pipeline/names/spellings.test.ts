/** Names as people bring them along from other gateways, libraries and documentations, and the deployments that they lead to. */
import { describe, expect, it } from 'vitest'
import { dialects, providers, strategies } from '../../builtins.gen.ts'
import { parseConfig } from '../../config/load.ts'
import { closedCircuit, sampleSignals } from '../../kernel/testing/strategy-fixtures.ts'
import type { AnyDialect } from '../../kernel/deployment.ts'
import { noPlace } from '../../kernel/strategy.ts'
import { compilePlan } from '../plan/compile-plan.ts'
import { makers } from './makers.ts'
import { providerSpellings } from './provider-spellings.ts'

/** What services call their models. */
const catalogue: Readonly<Record<string, readonly string[]>> = {
  openai: ['gpt-4o', 'gpt-4o-2024-11-20', 'gpt-4o-mini', 'gpt-5', 'o3', 'gpt-4-turbo', 'text-embedding-3-small'],
  anthropic: [
    'claude-sonnet-4-5',
    'claude-sonnet-4-5-20250929',
    'claude-opus-4-1-20250805',
    'claude-3-5-haiku-20241022',
    'claude-3-5-haiku-latest',
    'claude-sonnet-4-20250514',
  ],
  bedrock: [
    'anthropic.claude-sonnet-4-5-20250929-v1:0',
    'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'amazon.nova-pro-v1:0',
    'eu.amazon.nova-pro-v1:0',
    'meta.llama3-3-70b-instruct-v1:0',
    'mistral.mistral-large-2402-v1:0',
  ],
  vertex: ['gemini-2.5-pro', 'gemini-2.5-flash', 'claude-sonnet-4-5@20250929', 'claude-opus-4-1@20250805'],
  gemini: ['gemini-2.5-pro', 'gemini-2.5-flash', 'gemini-flash-latest', 'gemini-embedding-001'],
  mistral: ['mistral-large-latest', 'mistral-large-2411', 'codestral-latest', 'ministral-8b-latest'],
  groq: ['llama-3.3-70b-versatile', 'llama-3.1-8b-instant', 'openai/gpt-oss-120b'],
  together: ['meta-llama/Llama-3.3-70B-Instruct-Turbo', 'Qwen/Qwen2.5-7B-Instruct-Turbo', 'deepseek-ai/DeepSeek-V3'],
  fireworks: ['accounts/fireworks/models/llama-v3p1-8b-instruct', 'accounts/fireworks/models/kimi-k2p5'],
  openrouter: ['anthropic/claude-sonnet-4.5', 'deepseek/deepseek-r1:free', 'nousresearch/hermes-3-llama-3.1-405b'],
  deepseek: ['deepseek-chat', 'deepseek-reasoner'],
  xai: ['grok-4-0709', 'grok-3', 'grok-3-mini', 'grok-4.20'],
  cohere: ['command-r-plus-08-2024', 'command-a-03-2025', 'embed-v4.0'],
  moonshot: ['kimi-k2-0905-preview', 'kimi-k2.5', 'moonshot-v1-8k'],
  zai: ['glm-4.6', 'glm-4.5-air'],
  perplexity: ['sonar', 'sonar-pro'],
  dashscope: ['qwen-max', 'qwen3-32b'],
  cerebras: ['llama3.1-8b', 'qwen-3-32b'],
  deepinfra: ['meta-llama/Meta-Llama-3.1-8B-Instruct', 'deepseek-ai/DeepSeek-R1'],
  'nvidia-nim': ['nvidia/nemotron-3-super', 'meta/llama-3.1-405b-instruct'],
  minimax: ['MiniMax-M2'],
  ai21: ['jamba-large', 'jamba-mini'],
  cloudflare: ['@cf/meta/llama-3.1-8b-instruct'],
}

/** What some drivers cannot do without. */
const fields: Readonly<Record<string, string>> = {
  azure: 'resource: res',
  'azure-foundry': 'resource: res',
  bedrock: 'region: eu-central-1',
  vertex: 'project: p, location: global',
  cloudflare: 'account_id: "0123456789abcdef0123456789abcdef"',
  databricks: 'base_url: "https://dbc.example"',
  sagemaker: 'region: us-east-1, access_key_id: AKIDEXAMPLE, secret_access_key: "wJalrXUtnFEMI/K7MDENG"',
  snowflake: 'account: acc',
}
const local = new Set(['ollama', 'vllm', 'lm-studio', 'llama-cpp', 'sglang', 'tgi', 'triton'])
const credential = (driver: string): string =>
  local.has(driver) || driver === 'vertex' || driver === 'sagemaker' ? '' : `credentials: "key-of-${driver}"`

function planOf(names: readonly string[], more = '', priced: readonly string[] = []) {
  const lines = names.map((name) => {
    const entry = [fields[name], local.has(name) ? 'base_url: "http://127.0.0.1:9"' : undefined, credential(name)]
    return `  ${name}: { ${entry.filter((part) => part !== undefined && part !== '').join(', ')} }`
  })
  const { config } = parseConfig(`providers:\n${lines.join('\n')}\n${more}`, {
    file: 'test.yaml',
    baseDir: '/',
    cwd: '/',
    env: {},
    registry: { providers, strategies },
  })
  const plan = compilePlan(config, {
    revision: 1,
    readRouter: () => {
      throw new Error('no request brings a router here')
    },
    providers,
    strategies,
    random: () => 0,
    now: () => 0,
    dialect: (id) => dialects.find((dialect) => dialect.id === id) as AnyDialect,
    transport: () => ({
      dispatch: () => ({ pause() {}, resume() {}, abort() {} }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
    signer: () => ({ sign: (outbound) => outbound }),
    standing: () => ({ restMs: () => 0, answered() {}, failed() {} }),
    signals: () => sampleSignals(),
    circuit: () => closedCircuit,
    slots: () => undefined,
    retries: () => ({ asked: () => undefined, take: () => true, has: () => true }),
    priceOf: (_driver, model) => (priced.includes(model) ? { source: 'test' } : undefined),
    knownModels: () => [],
    catalogued: (driver) => catalogue[driver] ?? none,
    place: () => noPlace,
    maxOutputOf: () => undefined,
    contextOf: () => undefined,
    discovered: { version: 0, modelsOf: () => [], missed() {} },
  })
  return {
    plan,
    /** The deployment, or what it may mean. */
    meaning: (name: string): string | readonly string[] => {
      const route = plan.resolve(name)
      return route?.deployments[0]?.id ?? plan.unresolved(name).candidates
    },
  }
}
const none: readonly string[] = []

const many = [
  ...Object.keys(catalogue),
  'azure',
  'azure-foundry',
  'ollama',
  'vllm',
  'lm-studio',
  'huggingface',
  'github-models',
  'databricks',
  'sagemaker',
  'triton',
  'snowflake',
  'nebius',
  'novita',
  'hyperbolic',
  'featherless',
  'friendli',
  'meta-llama',
  'v0',
  'vercel-ai-gateway',
  'volcengine',
  'sambanova',
  'ovhcloud',
  'inference-net',
  'kluster',
  'llama-cpp',
  'sglang',
  'tgi',
  'digitalocean',
  'aleph-alpha',
  '01ai',
  'hunyuan',
  'qianfan',
  'siliconflow',
  'gmi',
]

const spelled: readonly (readonly [asked: string, means: string])[] = [
  // LiteLLM
  ['azure/gpt-4o', 'azure/gpt-4o'],
  ['azure_text/davinci', 'azure/davinci'],
  ['azure_ai/claude-opus-4-5', 'azure-foundry/claude-opus-4-5'],
  ['bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0', 'bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  [
    'bedrock/converse/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  ],
  ['bedrock/invoke/anthropic.claude-sonnet-4-5-20250929-v1:0', 'bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['bedrock_converse/amazon.nova-pro-v1:0', 'bedrock/amazon.nova-pro-v1:0'],
  ['bedrock/claude-sonnet-4-5', 'bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['bedrock/nova-pro', 'bedrock/eu.amazon.nova-pro-v1:0'],
  ['bedrock/llama-3.3-70b-instruct', 'bedrock/meta.llama3-3-70b-instruct-v1:0'],
  ['vertex_ai/gemini-2.5-pro', 'vertex/gemini-2.5-pro'],
  ['vertex_ai_beta/gemini-2.5-flash', 'vertex/gemini-2.5-flash'],
  ['vertex_ai/claude-sonnet-4-5@20250929', 'vertex/claude-sonnet-4-5@20250929'],
  ['vertex_ai/claude-sonnet-4-5-20250929', 'vertex/claude-sonnet-4-5@20250929'],
  ['vertex_ai/claude-opus-4-1', 'vertex/claude-opus-4-1@20250805'],
  ['vertex_ai/meta/llama-3.1-405b-instruct-maas', 'vertex/meta/llama-3.1-405b-instruct-maas'],
  ['gemini/gemini-2.5-pro', 'gemini/gemini-2.5-pro'],
  ['palm/chat-bison-001', 'gemini/gemini-flash-latest'],
  ['ollama/llama3.1', 'ollama/llama3.1'],
  ['ollama_chat/llama3.1:8b', 'ollama/llama3.1:8b'],
  ['openrouter/anthropic/claude-sonnet-4.5', 'openrouter/anthropic/claude-sonnet-4.5'],
  ['openrouter/deepseek/deepseek-r1:free', 'openrouter/deepseek/deepseek-r1:free'],
  ['together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo', 'together/meta-llama/Llama-3.3-70B-Instruct-Turbo'],
  ['together_ai/llama-3.3-70b-instruct-turbo', 'together/meta-llama/Llama-3.3-70B-Instruct-Turbo'],
  ['fireworks_ai/accounts/fireworks/models/kimi-k2p5', 'fireworks/accounts/fireworks/models/kimi-k2p5'],
  ['fireworks_ai/llama-v3p1-8b-instruct', 'fireworks/accounts/fireworks/models/llama-v3p1-8b-instruct'],
  ['text-completion-openai/gpt-3.5-turbo-instruct', 'openai/gpt-3.5-turbo-instruct'],
  ['cohere_chat/command-r-plus-08-2024', 'cohere/command-r-plus-08-2024'],
  ['ai21_chat/jamba-large', 'ai21/jamba-large'],
  ['huggingface/deepseek-ai/DeepSeek-R1', 'huggingface/deepseek-ai/DeepSeek-R1'],
  ['nvidia_nim/meta/llama-3.1-405b-instruct', 'nvidia-nim/meta/llama-3.1-405b-instruct'],
  ['hosted_vllm/mistral-7b', 'vllm/mistral-7b'],
  ['lm_studio/phi-4', 'lm-studio/phi-4'],
  ['databricks/databricks-claude-sonnet-4', 'databricks/databricks-claude-sonnet-4'],
  ['sagemaker_chat/my-endpoint', 'sagemaker/my-endpoint'],
  ['cloudflare/@cf/meta/llama-3.1-8b-instruct', 'cloudflare/@cf/meta/llama-3.1-8b-instruct'],
  ['friendliai/meta-llama-3.1-8b-instruct', 'friendli/meta-llama-3.1-8b-instruct'],
  ['github/gpt-4o', 'github-models/gpt-4o'],
  ['featherless_ai/Qwen/Qwen2.5-72B-Instruct', 'featherless/Qwen/Qwen2.5-72B-Instruct'],
  ['meta_llama/Llama-4-Scout', 'meta-llama/Llama-4-Scout'],
  ['gradient_ai/llama3.3-70b-instruct', 'digitalocean/llama3.3-70b-instruct'],
  ['vercel_ai_gateway/openai/gpt-4o', 'vercel-ai-gateway/openai/gpt-4o'],
  ['aleph_alpha/llama-3.1-8b-instruct', 'aleph-alpha/llama-3.1-8b-instruct'],
  ['codestral/codestral-latest', 'mistral/codestral-latest'],
  ['llamafile/gemma', 'llama-cpp/gemma'],
  // Portkey
  ['@openai/gpt-4o', 'openai/gpt-4o'],
  ['@azure-openai/my-gpt', 'azure/my-gpt'],
  ['@azure-ai/phi-4', 'azure-foundry/phi-4'],
  ['@vertex-ai/gemini-2.5-pro', 'vertex/gemini-2.5-pro'],
  ['@google/gemini-2.5-flash', 'gemini/gemini-2.5-flash'],
  ['@together-ai/Qwen/Qwen2.5-7B-Instruct-Turbo', 'together/Qwen/Qwen2.5-7B-Instruct-Turbo'],
  ['@mistral-ai/mistral-large-latest', 'mistral/mistral-large-latest'],
  ['@perplexity-ai/sonar-pro', 'perplexity/sonar-pro'],
  ['@fireworks-ai/kimi-k2.5', 'fireworks/accounts/fireworks/models/kimi-k2p5'],
  ['@workers-ai/@cf/meta/llama-3.1-8b-instruct', 'cloudflare/@cf/meta/llama-3.1-8b-instruct'],
  ['@x-ai/grok-3', 'xai/grok-3'],
  ['@z-ai/glm-4.6', 'zai/glm-4.6'],
  ['@novita-ai/deepseek_v3', 'novita/deepseek_v3'],
  ['@featherless-ai/some/model', 'featherless/some/model'],
  ['@inference-net/some-model', 'inference-net/some-model'],
  ['@kluster-ai/some-model', 'kluster/some-model'],
  ['@lingyi/yi-large', '01ai/yi-large'],
  ['@zhipu/glm-4.5-air', 'zai/glm-4.5-air'],
  ['@bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  // OpenRouter and others that put the maker in front
  ['openai/gpt-4o-2024-11-20', 'openai/gpt-4o-2024-11-20'],
  ['anthropic/claude-sonnet-4.5', 'anthropic/claude-sonnet-4-5'],
  ['anthropic/claude-3.5-haiku', 'anthropic/claude-3-5-haiku-latest'],
  ['anthropic/claude-opus-4.1', 'anthropic/claude-opus-4-1-20250805'],
  ['anthropic/claude-4-sonnet', 'anthropic/claude-sonnet-4-20250514'],
  ['google/gemini-2.5-pro', 'gemini/gemini-2.5-pro'],
  ['mistralai/mistral-large', 'mistral/mistral-large-latest'],
  ['mistralai/mistral-large-2411', 'mistral/mistral-large-2411'],
  ['x-ai/grok-4-0709', 'xai/grok-4-0709'],
  ['x-ai/grok-4.20', 'xai/grok-4.20'],
  ['moonshotai/kimi-k2.5', 'moonshot/kimi-k2.5'],
  ['z-ai/glm-4.6', 'zai/glm-4.6'],
  ['zai-org/GLM-4.6', 'zai/glm-4.6'],
  ['deepseek/deepseek-chat', 'deepseek/deepseek-chat'],
  ['qwen/qwen-max', 'dashscope/qwen-max'],
  ['cohere/command-a-03-2025', 'cohere/command-a-03-2025'],
  ['perplexity/sonar', 'perplexity/sonar'],
  ['minimax/minimax-m2', 'minimax/MiniMax-M2'],
  ['amazon/nova-pro-v1', 'bedrock/eu.amazon.nova-pro-v1:0'],
  ['nousresearch/hermes-3-llama-3.1-405b', 'openrouter/nousresearch/hermes-3-llama-3.1-405b'],
  ['alibaba/qwen3-32b', 'dashscope/qwen3-32b'],
  // Pydantic AI and LangChain
  ['openai:gpt-5', 'openai/gpt-5'],
  ['openai-responses:gpt-5', 'openai/gpt-5'],
  ['anthropic:claude-sonnet-4-5', 'anthropic/claude-sonnet-4-5'],
  ['google-gla:gemini-2.5-flash', 'gemini/gemini-2.5-flash'],
  ['google-vertex:gemini-2.5-pro', 'vertex/gemini-2.5-pro'],
  ['google_genai:gemini-2.5-flash', 'gemini/gemini-2.5-flash'],
  ['google_vertexai:gemini-2.5-flash', 'vertex/gemini-2.5-flash'],
  ['azure_openai:my-gpt', 'azure/my-gpt'],
  [
    'bedrock_converse:us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  ],
  ['bedrock:eu.amazon.nova-pro-v1:0', 'bedrock/eu.amazon.nova-pro-v1:0'],
  ['mistralai:mistral-large-latest', 'mistral/mistral-large-latest'],
  ['groq:llama-3.3-70b-versatile', 'groq/llama-3.3-70b-versatile'],
  ['moonshotai:kimi-k2-0905-preview', 'moonshot/kimi-k2-0905-preview'],
  ['xai:grok-3-mini', 'xai/grok-3-mini'],
  ['ollama:llama3.1:8b', 'ollama/llama3.1:8b'],
  ['nvidia:nvidia/nemotron-3-super', 'nvidia-nim/nvidia/nemotron-3-super'],
  ['together:deepseek-ai/DeepSeek-V3', 'together/deepseek-ai/DeepSeek-V3'],
  ['snowflake:mistral-large2', 'snowflake/mistral-large2'],
  // models.dev
  [
    'amazon-bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0',
  ],
  ['google-vertex-anthropic/claude-opus-4-1@20250805', 'vertex/claude-opus-4-1@20250805'],
  ['togetherai/Qwen/Qwen2.5-7B-Instruct-Turbo', 'together/Qwen/Qwen2.5-7B-Instruct-Turbo'],
  ['zhipuai/glm-4.6', 'zai/glm-4.6'],
  ['siliconflow/Qwen/Qwen3-32B', 'siliconflow/Qwen/Qwen3-32B'],
  // Bare names
  ['gpt-4o', 'openai/gpt-4o'],
  ['gpt4o', 'openai/gpt-4o'],
  ['GPT-4o', 'openai/gpt-4o'],
  ['gpt-4o-2024-11-20', 'openai/gpt-4o-2024-11-20'],
  ['o3', 'openai/o3'],
  ['claude-sonnet-4-5', 'anthropic/claude-sonnet-4-5'],
  ['claude-sonnet-4.5', 'anthropic/claude-sonnet-4-5'],
  ['claude-4.5-sonnet', 'anthropic/claude-sonnet-4-5'],
  ['claude-sonnet-4-5-20250929', 'anthropic/claude-sonnet-4-5-20250929'],
  ['claude-opus-4-1', 'anthropic/claude-opus-4-1-20250805'],
  ['claude-sonnet-4-0', 'anthropic/claude-sonnet-4-20250514'],
  ['claude-3.5-haiku', 'anthropic/claude-3-5-haiku-latest'],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['amazon.nova-pro-v1:0', 'bedrock/amazon.nova-pro-v1:0'],
  ['gemini-2.5-pro', 'gemini/gemini-2.5-pro'],
  ['models/gemini-2.5-flash', 'gemini/gemini-2.5-flash'],
  ['text-bison-001', 'gemini/gemini-flash-latest'],
  ['mistral-large', 'mistral/mistral-large-latest'],
  ['ministral-8b', 'mistral/ministral-8b-latest'],
  ['codestral', 'mistral/codestral-latest'],
  ['deepseek-chat', 'deepseek/deepseek-chat'],
  ['grok-3', 'xai/grok-3'],
  ['command-a-03-2025', 'cohere/command-a-03-2025'],
  ['kimi-k2.5', 'moonshot/kimi-k2.5'],
  ['moonshot-v1-8k', 'moonshot/moonshot-v1-8k'],
  ['glm-4.6', 'zai/glm-4.6'],
  ['sonar-pro', 'perplexity/sonar-pro'],
  ['qwen-max', 'dashscope/qwen-max'],
  ['jamba-mini', 'ai21/jamba-mini'],
  ['MiniMax-M2', 'minimax/MiniMax-M2'],
  ['llama-3.1-8b-instant', 'groq/llama-3.1-8b-instant'],
  ['llama-3.3-70b-instruct-turbo', 'together/meta-llama/Llama-3.3-70B-Instruct-Turbo'],
  ['text-embedding-3-small', 'openai/text-embedding-3-small'],
]

describe('names as others write them', () => {
  const { meaning } = planOf(many)

  it('are many, and each is here once', () => {
    expect(new Set(spelled.map(([asked]) => asked)).size).toBe(spelled.length)
    expect(spelled.length).toBeGreaterThanOrEqual(120)
  })

  it.each(spelled)('%s leads to %s', (asked, means) => {
    expect(meaning(asked)).toBe(means)
  })

  it.each([
    ['no such date', 'openai/gpt-4o-2023-01-01', 'openai/gpt-4o-2023-01-01'],
    ['a model that is newer than the catalogue', 'anthropic/claude-opus-9', 'anthropic/claude-opus-9'],
    ['a deployment that is called nearly like a model', 'azure/gpt4o', 'azure/gpt4o'],
  ])('stay as they are for %s', (_why, asked, means) => {
    expect(meaning(asked)).toBe(means)
  })

  it('are written as the service does where a price is known of another spelling', () => {
    const priced = ['claude-sonnet-4.5', 'gpt-4o']
    expect(planOf(['anthropic'], '', priced).meaning('claude-sonnet-4.5')).toBe('anthropic/claude-sonnet-4-5')
    expect(planOf(['azure'], '', priced).meaning('gpt-4o')).toBe('azure/gpt-4o')
  })

  it('say so where they can mean several', () => {
    const { meaning: among } = planOf(['bedrock', 'vertex'])
    expect(among('claude-sonnet-4-5')).toEqual([
      'bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'vertex/claude-sonnet-4-5@20250929',
    ])
    expect(planOf(['deepinfra', 'cerebras', 'dashscope']).meaning('qwen3-32b')).toBe('dashscope/qwen3-32b')
    expect(planOf(['deepinfra', 'fireworks']).meaning('llama-3.1-8b-instruct')).toHaveLength(2)
  })

  it('mean the entry that is called like its service, where one service is configured twice', () => {
    const twice = '  backup: { use: openai, credentials: key-of-backup }'
    expect(planOf(['openai'], twice).meaning('gpt-4o')).toBe('openai/gpt-4o')
    const others = '  one: { use: openai, credentials: key-one }\n  two: { use: openai, credentials: key-two }'
    expect(planOf(['groq'], others).meaning('gpt-4o')).toEqual(['one/gpt-4o', 'two/gpt-4o'])
    expect(planOf(['groq'], others).meaning('openai/gpt-4o')).toEqual(['one/gpt-4o', 'two/gpt-4o'])
    expect(planOf(['groq'], others).meaning('two/gpt-4o')).toBe('two/gpt-4o')
  })

  it('never lead to another service than the one that is named', () => {
    const { plan } = planOf(['openai', 'deepinfra'])
    for (const name of ['groq/llama-3.1-8b-instruct', '@together-ai/gpt-4o', 'azure/gpt-4o', 'openrouter:gpt-4o'])
      expect({ name, route: plan.resolve(name) }).toEqual({ name, route: undefined })
  })

  it('lead nowhere behind a word that stands for no service and no maker, unless the provider writes it so', () => {
    const { plan } = planOf(['openai', 'openrouter'])
    expect(plan.resolve('nobody/gpt-4o')).toBeUndefined()
    expect(plan.resolve('NousResearch/Hermes-3-Llama-3.1-405B')?.deployments.map(({ id }) => id)).toEqual([
      'openrouter/nousresearch/hermes-3-llama-3.1-405b',
    ])
  })

  it('lead to whoever has a model when its maker is named and is not here', () => {
    expect(planOf(['bedrock']).meaning('anthropic/claude-sonnet-4.5')).toBe(
      'bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
    )
    expect(planOf(['vertex']).meaning('google/gemini-2.5-pro')).toBe('vertex/gemini-2.5-pro')
    expect(planOf(['openrouter']).meaning('anthropic/claude-sonnet-4.5')).toBe('openrouter/anthropic/claude-sonnet-4.5')
  })

  it('tell where a model is to be had that nobody here is known to have', () => {
    const { plan } = planOf(['openai'])
    expect(plan.unresolved('gpt-9-nova')).toMatchObject({ maker: 'OpenAI', ask: 'openai/gpt-9-nova' })
    expect(plan.unresolved('claude-opus-9')).toEqual({ candidates: [], maker: 'Anthropic', driver: 'anthropic' })
    expect(plan.unresolved('something-else')).toEqual({ candidates: [] })
  })

  it.each(['', '/', ':', '@', 'openai:', '@openai/', '__proto__', 'constructor/x', 'openai/', 'a'.repeat(2000)])(
    'mean nothing where they say nothing: %j',
    (name) => {
      expect(meaning(name)).toEqual([])
    },
  )
})

describe('the lists of spellings', () => {
  const ids = new Set<string>(providers.map(({ id }) => id))

  it('name drivers that there are, and nothing twice', () => {
    const all = [...providerSpellings.values()].flat()
    expect(new Set(all).size).toBe(all.length)
    for (const name of all) {
      expect(name).toBe(name.toLowerCase())
      expect(ids).not.toContain(name)
    }
    for (const driver of providerSpellings.keys()) expect(ids).toContain(driver)
    for (const { drivers } of makers) for (const driver of drivers) expect(ids).toContain(driver)
  })
})
