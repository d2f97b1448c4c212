/** Cerebras Inference. What it answers with 400 is left out; the role `developer` is not exposed. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const cerebras = openaiProvider({
  id: 'cerebras',
  title: 'Cerebras',
  env: ['CEREBRAS_API_KEY'],
  address: 'https://api.cerebras.ai',
  speaks: {
    'openai-chat': {
      verified: true,
      traits: { leaveOut: ['frequency_penalty', 'presence_penalty', 'service_tier'], olderMaxTokens: false },
    },
  },
  prices: 'cerebras',
  models: '/models',
  keyUrl: 'https://cloud.cerebras.ai',
  keyPrefixes: ['csk-'],
  docs: [
    { title: 'OpenAI Compatibility', url: 'https://inference-docs.cerebras.ai/resources/openai', read: '2026-11-27' },
    { title: 'ReqLLM: Cerebras', url: 'https://hexdocs.pm/req_llm/cerebras.html', read: '2026-11-27' },
    { title: 'promptfoo: Cerebras', url: 'https://promptfoo.dev/docs/providers/cerebras', read: '2026-11-27' },
  ],
})
