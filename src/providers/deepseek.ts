/** DeepSeek, in both its protocols. It knows JSON but no schemas; reasoning has a switch and levels. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const deepseek = openaiProvider({
  id: 'deepseek',
  title: 'DeepSeek',
  env: ['DEEPSEEK_API_KEY'],
  address: 'https://api.deepseek.com',
  version: '',
  speaks: {
    'openai-chat': {
      verified: true,
      traits: { structuredOutput: 'prompt' },
      spelling: { reasoning: { switch: 'thinking.type', effort: 'reasoning_effort' } },
    },
    'anthropic-messages': { verified: true, path: '/anthropic/v1/messages' },
  },
  prices: 'deepseek',
  models: '/models',
  keyUrl: 'https://platform.deepseek.com/api_keys',
  docs: [
    { title: 'Your First API Call', url: 'https://api-docs.deepseek.com/', read: '2026-11-27' },
    {
      title: 'Chat Completions API',
      url: 'https://api-docs.deepseek.com/api/create-chat-completion',
      read: '2026-11-27',
    },
    { title: 'Thinking Mode', url: 'https://api-docs.deepseek.com/guides/thinking_mode', read: '2026-11-27' },
    { title: 'Using the Anthropic API', url: 'https://api-docs.deepseek.com/guides/anthropic_api', read: '2026-11-27' },
  ],
})
