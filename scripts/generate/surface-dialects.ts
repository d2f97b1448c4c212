/** The protocols that clients can speak to the gateway, in the order in which the documentation tells of them. */

export const surfaceDialects: readonly string[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'openai-completions',
  'ollama-chat',
  'ollama-generate',
]
