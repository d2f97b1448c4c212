/** Perplexity's Agent API, which speaks the Responses protocol. Sonar's Chat Completions was supported until 2026-09-27. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const perplexity = openaiProvider({
  id: 'perplexity',
  title: 'Perplexity',
  env: ['PERPLEXITY_API_KEY'],
  address: 'https://api.perplexity.ai',
  speaks: {
    'openai-responses': { verified: true },
  },
  prices: 'perplexity',
  keyUrl: 'https://www.perplexity.ai/settings/api',
  keyPrefixes: ['pplx-'],
  docs: [
    {
      title: 'Agent API: OpenAI Compatibility',
      url: 'https://docs.perplexity.ai/docs/agent-api/openai-compatibility',
      read: '2026-11-27',
    },
    {
      title: 'Sonar: OpenAI SDK Compatibility',
      url: 'https://docs.perplexity.ai/docs/sonar/openai-compatibility',
      read: '2026-11-27',
    },
    {
      title: 'Migrate from Sonar to the Agent API',
      url: 'https://docs.perplexity.ai/docs/agent-api/migrate-from-sonar/overview',
      read: '2026-11-27',
    },
    {
      title: 'TrueFoundry: Perplexity Models Move to the Agent API',
      url: 'https://www.truefoundry.com/docs/change-announcements/perplexity-agent-api-migration',
      read: '2026-11-27',
    },
  ],
})
