/** DeepInfra: open models behind OpenAI's protocols, and behind Anthropic's at a path of its own. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const deepinfra = openaiProvider({
  id: 'deepinfra',
  title: 'DeepInfra',
  env: ['DEEPINFRA_API_KEY', 'DEEPINFRA_TOKEN'],
  address: 'https://api.deepinfra.com',
  version: '/v1/openai',
  speaks: {
    'openai-chat': {
      verified: true,
      spelling: { reasoning: { switch: 'reasoning.enabled', effort: 'reasoning_effort' } },
    },
    'openai-completions': { verified: false },
    'anthropic-messages': { verified: true, path: '/anthropic/v1/messages' },
  },
  embeddings: { verified: false, maxInputs: 1024 },
  models: '/models',
  keyUrl: 'https://deepinfra.com/dash/api_keys',
  docs: [
    {
      title: 'Anthropic Messages',
      url: 'https://docs.deepinfra.com/api-reference/anthropic-messages',
      read: '2026-11-27',
    },
    { title: 'OpenAI compatible API', url: 'https://deepinfra.com/docs/advanced/openai_api', read: '2026-11-27' },
    {
      title: 'models.dev: deepinfra',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/deepinfra/provider.toml',
      read: '2026-11-27',
    },
    {
      title: 'DeepInfraEmbeddingsParams',
      url: 'https://reference.langchain.com/javascript/interfaces/_langchain_community.embeddings_deepinfra.DeepInfraEmbeddingsParams.html',
      read: '2026-11-27',
    },
  ],
})
