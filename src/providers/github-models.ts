/** GitHub Models. Its token is for much else, so it turns nothing on; it needs the permission `models: read`. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const githubModels = openaiProvider({
  id: 'github-models',
  title: 'GitHub Models',
  env: ['GITHUB_TOKEN'],
  optIn: true,
  address: 'https://models.github.ai',
  version: '/inference',
  speaks: {
    'openai-chat': { verified: true },
  },
  embeddings: { verified: true },
  keyUrl: 'https://github.com/settings/tokens',
  keyPrefixes: ['ghp_', 'github_pat_'],
  docs: [
    {
      title: 'GitHub Models API now available',
      url: 'https://github.blog/changelog/2025-05-15-github-models-api-now-available',
      read: '2026-11-27',
    },
    {
      title: 'REST API endpoints for models inference',
      url: 'https://docs.github.com/en/rest/models/inference',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: github-models',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/github-models/provider.toml',
      read: '2026-11-27',
    },
    {
      title: 'REST API endpoints for model embeddings',
      url: 'https://docs.github.com/en/rest/models/embeddings',
      read: '2026-11-27',
    },
  ],
})
