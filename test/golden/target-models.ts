/** A model of each dialect for the golden matrix, where a codec looks at its name; any name does where it does not. */

const models: Readonly<Record<string, string>> = {
  'anthropic-messages': 'claude-sonnet-4-5',
  'bedrock-converse': 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  'cohere-chat': 'command-a-03-2025',
  gemini: 'gemini-2.5-flash',
  'ollama-chat': 'qwen3:8b',
  'ollama-generate': 'qwen3:8b',
  'openai-chat': 'gpt-5.2',
  'openai-completions': 'gpt-3.5-turbo-instruct',
  'openai-responses': 'gpt-5.2',
}

export const modelFor = (dialect: string): string => models[dialect] ?? 'some-model'
