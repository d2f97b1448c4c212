/**
 * How other gateways and libraries write the services in front of a model's name: `vertex_ai/…`, `together-ai/…`, `google-gla:…`. Read on
 * 2026-11-27 from: LiteLLM 1.110.2 (`LlmProviders`, https://docs.litellm.ai/docs/providers), Portkey's gateway 1.15.2
 * (https://portkey.ai/docs/integrations/llms), Pydantic AI 2.68.0 (https://pydantic.dev/docs/ai/models), LangChain 1.5.2 (`init_chat_model`), OpenRouter
 * (the makers in https://openrouter.ai/models) and models.dev (the folders of https://github.com/anomalyco/models.dev).
 */

/** Driver → what it is also called. Its own id needs no mention. */
const spellings: Readonly<Record<string, readonly string[]>> = {
  '01ai': ['lingyi', '01-ai', 'yi'],
  ai21: ['ai21_chat', 'ai21-labs'],
  'aleph-alpha': ['aleph_alpha', 'alephalpha'],
  anthropic: ['anthropic_text', 'claude'],
  azure: ['azure-openai', 'azure_openai', 'azure_text', 'azure-responses', 'azure-cognitive-services'],
  'azure-foundry': ['azure_ai', 'azure-ai', 'azureai', 'foundry'],
  bedrock: [
    'bedrock_converse',
    'bedrock_chat',
    'aws-bedrock',
    'amazon-bedrock',
    'amazon_bedrock',
    'anthropic_bedrock',
    'aws',
  ],
  cloudflare: ['workers-ai', 'cloudflare-workers-ai', 'cloudflare_workers_ai'],
  cohere: ['cohere_chat'],
  dashscope: ['alibaba', 'qwencloud', 'qwen_ai_platform', 'alibaba-cn', 'tongyi'],
  databricks: ['databricks_agent', 'databricks-model-serving'],
  deepinfra: ['deep-infra', 'deep_infra'],
  digitalocean: ['gradient_ai', 'gradient-ai'],
  featherless: ['featherless_ai', 'featherless-ai'],
  fireworks: ['fireworks_ai', 'fireworks-ai'],
  friendli: ['friendliai', 'friendli-ai'],
  gemini: ['google', 'google_ai_studio', 'google-ai-studio', 'google-gla', 'google_genai', 'google-genai', 'palm'],
  'github-models': ['github', 'github_models'],
  gmi: ['gmicloud', 'gmi-cloud'],
  huggingface: ['hugging-face', 'hf', 'hf-inference', 'hf-inference-api'],
  hunyuan: ['tencent', 'tencent-hunyuan'],
  hyperbolic: ['hyperbolic-ai'],
  'inference-net': ['inference_net', 'inference'],
  kluster: ['kluster-ai', 'klusterai', 'kluster_ai'],
  'lm-studio': ['lm_studio', 'lmstudio'],
  'llama-cpp': ['llama_cpp', 'llamacpp', 'llama.cpp', 'llamafile'],
  'meta-llama': ['meta_llama', 'llama', 'meta'],
  minimax: ['minimaxi'],
  mistral: ['mistral-ai', 'mistral_ai', 'mistralai', 'codestral', 'text-completion-codestral'],
  moonshot: ['moonshotai', 'moonshot-ai', 'moonshot_ai', 'kimi'],
  nebius: ['nebius-ai', 'nebius_ai'],
  'nlp-cloud': ['nlp_cloud', 'nlpcloud'],
  novita: ['novita-ai', 'novita_ai'],
  'nvidia-nim': ['nvidia_nim', 'nvidia', 'nim'],
  ollama: ['ollama_chat', 'ollama-chat'],
  openai: ['open-ai', 'text-completion-openai', 'openai-chat', 'openai-responses'],
  'openai-compatible': ['openai_like', 'custom_openai', 'openai_compatible', 'custom'],
  openrouter: ['open-router', 'open_router'],
  ovhcloud: ['ovh', 'ovhcloud-ai'],
  perplexity: ['perplexity-ai', 'perplexity_ai'],
  qianfan: ['baidu', 'ernie'],
  sagemaker: ['sagemaker_chat', 'sagemaker_nova', 'aws-sagemaker', 'amazon-sagemaker'],
  sglang: ['sgl'],
  siliconflow: ['silicon-flow', 'siliconcloud'],
  snowflake: ['cortex', 'snowflake-cortex'],
  tgi: ['text-generation-inference'],
  together: ['together_ai', 'together-ai', 'togetherai'],
  v0: ['vercel_v0'],
  'vercel-ai-gateway': ['vercel_ai_gateway', 'vercel'],
  vertex: [
    'vertex_ai',
    'vertex-ai',
    'vertex_ai_beta',
    'vertexai',
    'google-vertex',
    'google_vertexai',
    'google-vertex-anthropic',
    'google_anthropic_vertex',
    'google-cloud',
  ],
  vllm: ['hosted_vllm'],
  volcengine: ['doubao', 'volcengine-ark', 'ark'],
  xai: ['x-ai', 'x_ai', 'grok'],
  zai: ['z-ai', 'z_ai', 'zhipu', 'zhipuai', 'zai-org', 'bigmodel', 'glm'],
}

/** Driver → what it is also called in front of a model. */
export const providerSpellings: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(spellings))

const byName: ReadonlyMap<string, string> = new Map(
  [...providerSpellings].flatMap(([driver, names]) => names.map((name) => [name, driver] as const)),
)

/** The driver that a prefix in small letters stands for. */
export const driverSpelled = (prefix: string): string | undefined => byName.get(prefix)
