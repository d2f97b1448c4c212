/** Models of each dialect for the golden matrix, where a codec looks at the name; any name does where it does not. */

const models: Readonly<Record<string, string>> = {
  'anthropic-messages': 'claude-sonnet-4-5',
  'bedrock-agent': 'agent/AGENT12345/TSTALIASID',
  'bedrock-knowledge-base': 'knowledge-base/KB12345678/meta.llama3-1-8b-instruct-v1:0',
  'bedrock-converse': 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  'cohere-chat': 'command-a-reasoning-08-2025',
  gemini: 'gemini-2.5-flash',
  'nlp-cloud-chatbot': 'chatdolphin',
  'nlp-cloud-generation': 'dolphin',
  'ollama-chat': 'qwen3:8b',
  'ollama-generate': 'qwen3:8b',
  'openai-chat': 'gpt-5.2',
  'openai-completions': 'gpt-3.5-turbo-instruct',
  'openai-responses': 'gpt-5.2',
  'triton-generate': 'llama3-8b-instruct',
  'replicate-predictions': 'meta/meta-llama-3-70b-instruct',
}

export const modelFor = (dialect: string): string => models[dialect] ?? 'some-model'

/** Newer models of dialects in which one generation is asked in words that another does not know. */
const newer: Readonly<Record<string, string>> = {
  'anthropic-messages': 'claude-opus-4-8',
  gemini: 'gemini-3-pro-preview',
}

/** Models that a client of the dialect may have in mind. */
export function clientModels(dialect: string): string[] {
  return [newer[dialect] ?? [], modelFor(dialect)].flat()
}
