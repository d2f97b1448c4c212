/** Moonshot AI: the Kimi models, in all three protocols. Reasoning has a switch, but no levels for most models. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const moonshot = openaiProvider({
  id: 'moonshot',
  title: 'Moonshot AI',
  env: ['MOONSHOT_API_KEY'],
  address: { global: 'https://api.moonshot.ai', china: 'https://api.moonshot.cn' },
  speaks: {
    'openai-chat': {
      verified: true,
      traits: { mediaUrls: [], olderMaxTokens: false },
      spelling: { reasoning: { switch: 'thinking.type' } },
    },
    'openai-responses': { verified: false },
    'anthropic-messages': { verified: false, path: '/anthropic/v1/messages' },
  },
  prices: 'moonshotai',
  models: '/models',
  keyUrl: 'https://platform.moonshot.ai/console/api-keys',
  docs: [
    { title: 'Quickstart', url: 'https://platform.kimi.ai/docs/api/quickstart.md', read: '2026-11-27' },
    { title: 'Chat', url: 'https://platform.moonshot.ai/docs/api/chat.en-US', read: '2026-11-27' },
    { title: 'Kimi API overview', url: 'https://www.kimi.com/help/kimi-api/api-overview', read: '2026-11-27' },
    {
      title: 'Moonshot AI (Kimi) API compatibility',
      url: 'https://www.developersdigest.tech/reference/api-compatibility/moonshot',
      read: '2026-11-27',
    },
    { title: 'AgentScope: Kimi', url: 'https://java.agentscope.io/v2/en/integration/model/kimi', read: '2026-11-27' },
    {
      title: 'models.dev: moonshotai',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/moonshotai/provider.toml',
      read: '2026-11-27',
    },
  ],
})
