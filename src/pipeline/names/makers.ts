/**
 * Who makes which models, by how their names begin: whoever asks for `claude-…` without a provider means the maker's own service, if it is
 * there. Names are those of the makers' own model lists: https://platform.openai.com/docs/models, https://platform.claude.com/docs/en/about-claude/models,
 * https://ai.google.dev/gemini-api/docs/models, https://docs.mistral.ai/getting-started/models and their like, read on 2026-11-27.
 */
export interface Maker {
  readonly title: string
  readonly names: RegExp
  /** Drivers of the maker's own services, the first one preferred. */
  readonly drivers: readonly string[]
  /** What stands for the maker in front of a model, where that is not only the name of a service: `meta-llama/…`. */
  readonly prefixes: readonly string[]
}

export const makers: readonly Maker[] = [
  {
    title: 'OpenAI',
    names: /^(?:gpt-|chatgpt-|o\d+(?:-|$)|codex-|davinci-|babbage-|text-embedding-|computer-use-|ft:gpt-)/,
    drivers: ['openai'],
    prefixes: ['openai'],
  },
  { title: 'Anthropic', names: /^claude-/, drivers: ['anthropic'], prefixes: ['anthropic'] },
  {
    title: 'Google',
    names: /^(?:gemini-|gemma-|learnlm-|text-bison|chat-bison)/,
    drivers: ['gemini', 'vertex'],
    prefixes: ['google'],
  },
  {
    title: 'Mistral',
    names: /^(?:(?:open-)?(?:mistral|mixtral|codestral|ministral|pixtral|devstral|magistral|voxtral)-)/,
    drivers: ['mistral'],
    prefixes: ['mistralai', 'mistral'],
  },
  { title: 'DeepSeek', names: /^deepseek-/, drivers: ['deepseek'], prefixes: ['deepseek', 'deepseek-ai'] },
  { title: 'xAI', names: /^grok-/, drivers: ['xai'], prefixes: ['x-ai', 'xai'] },
  {
    title: 'Cohere',
    names: /^(?:command(?:-|$)|c4ai-|embed-v?\d|embed-(?:english|multilingual))/,
    drivers: ['cohere'],
    prefixes: ['cohere', 'coherelabs'],
  },
  { title: 'Moonshot AI', names: /^(?:kimi-|moonshot-v)/, drivers: ['moonshot'], prefixes: ['moonshotai'] },
  { title: 'Z.ai', names: /^glm-/, drivers: ['zai'], prefixes: ['z-ai', 'zai-org', 'thudm'] },
  { title: 'Perplexity', names: /^(?:sonar(?:-|$)|r1-1776)/, drivers: ['perplexity'], prefixes: ['perplexity'] },
  { title: 'Alibaba', names: /^(?:qwen|qwq|qvq)/, drivers: ['dashscope'], prefixes: ['qwen', 'alibaba'] },
  { title: 'AI21', names: /^(?:jamba-|j2-)/, drivers: ['ai21'], prefixes: ['ai21'] },
  { title: 'MiniMax', names: /^(?:minimax-|abab)/, drivers: ['minimax'], prefixes: ['minimax', 'minimaxai'] },
  { title: 'Meta', names: /^(?:meta-)?llama-?\d/, drivers: ['meta-llama'], prefixes: ['meta-llama', 'meta'] },
  { title: 'Writer', names: /^palmyra-/, drivers: ['writer'], prefixes: ['writer'] },
  { title: 'Upstage', names: /^solar-/, drivers: ['upstage'], prefixes: ['upstage'] },
  { title: 'StepFun', names: /^step-\d/, drivers: ['stepfun'], prefixes: ['stepfun', 'stepfun-ai'] },
  { title: '01.AI', names: /^yi-/, drivers: ['01ai'], prefixes: ['01-ai'] },
  { title: 'Baidu', names: /^ernie-/, drivers: ['qianfan'], prefixes: ['baidu'] },
  { title: 'ByteDance', names: /^doubao-/, drivers: ['volcengine'], prefixes: ['bytedance', 'bytedance-seed'] },
  { title: 'Tencent', names: /^hunyuan-/, drivers: ['hunyuan'], prefixes: ['tencent'] },
  { title: 'Amazon', names: /^(?:amazon\.)?(?:nova|titan)-/, drivers: ['bedrock'], prefixes: ['amazon'] },
  { title: 'NVIDIA', names: /^(?:nvidia-)?nemotron-/, drivers: ['nvidia-nim'], prefixes: ['nvidia'] },
  { title: 'Microsoft', names: /^(?:phi-|mai-)/, drivers: [], prefixes: ['microsoft'] },
]

/** By the model's own name, without anything in front of it. */
export function makerOf(model: string): Maker | undefined {
  const name = model.toLowerCase()
  return makers.find(({ names }) => names.test(name))
}

/** Whether the prefix says who made a model, and not only who serves it. */
export const namesMaker = (prefix: string): boolean =>
  makers.some(({ prefixes }) => prefixes.includes(prefix.toLowerCase()))
