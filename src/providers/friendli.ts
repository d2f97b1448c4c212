/** FriendliAI's serverless endpoints. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const friendli = openaiProvider({
  id: 'friendli',
  title: 'FriendliAI',
  env: ['FRIENDLI_TOKEN'],
  address: 'https://api.friendli.ai',
  version: '/serverless/v1',
  speaks: {
    'openai-chat': { verified: true },
    'openai-completions': { verified: true },
  },
  keyUrl: 'https://suite.friendli.ai',
  docs: [
    {
      title: 'Serverless chat completions',
      url: 'https://friendli.ai/docs/openapi/create-chat-completions',
      read: '2026-11-27',
    },
    {
      title: 'Serverless completions',
      url: 'https://friendli.ai/docs/openapi/serverless/completions',
      read: '2026-11-27',
    },
    {
      title: 'FriendliAI Provider',
      url: 'https://ai-sdk.dev/providers/community-providers/friendliai',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: friendli',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/friendli/provider.toml',
      read: '2026-11-27',
    },
  ],
})
