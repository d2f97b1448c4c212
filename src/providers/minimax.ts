/** MiniMax. Anthropic's protocol comes first, because in OpenAI's its reasoning stands in the midst of the text. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const minimax = openaiProvider({
  id: 'minimax',
  title: 'MiniMax',
  env: ['MINIMAX_API_KEY'],
  address: { global: 'https://api.minimax.io', china: 'https://api.minimaxi.com' },
  speaks: {
    'anthropic-messages': { verified: true, path: '/anthropic/v1/messages' },
    'openai-chat': { verified: true, traits: { olderMaxTokens: false } },
    'openai-responses': { verified: false },
  },
  prices: 'minimax',
  models: '/models',
  keyUrl: 'https://platform.minimax.io/user-center/basic-information/interface-key',
  docs: [
    {
      title: 'Compatible OpenAI API',
      url: 'https://platform.minimax.io/docs/api-reference/text-openai-api',
      read: '2026-11-27',
    },
    {
      title: 'Compatible Anthropic API',
      url: 'https://platform.minimax.io/docs/api-reference/text-anthropic-api',
      read: '2026-11-27',
    },
    {
      title: 'MiniMax API compatibility',
      url: 'https://www.developersdigest.tech/reference/api-compatibility/minimax',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: minimax',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/minimax/provider.toml',
      read: '2026-11-27',
    },
  ],
})
