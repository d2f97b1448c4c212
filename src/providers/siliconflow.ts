/** SiliconFlow: open models. Reasoning has a switch and a budget. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const siliconflow = openaiProvider({
  id: 'siliconflow',
  title: 'SiliconFlow',
  env: ['SILICONFLOW_API_KEY'],
  address: { global: 'https://api.siliconflow.com', china: 'https://api.siliconflow.cn' },
  messagesAuth: 'bearer',
  speaks: {
    'openai-chat': {
      verified: true,
      traits: { maxTemperature: 2, maxStops: 4 },
      spelling: { reasoning: { switch: 'enable_thinking', budget: 'thinking_budget' } },
    },
    'anthropic-messages': { verified: true },
  },
  embeddings: { verified: false },
  rerank: { verified: false },
  models: '/models',
  keyUrl: 'https://cloud.siliconflow.com/account/ak',
  docs: [
    {
      title: '创建对话请求(OpenAI)',
      url: 'https://docs.siliconflow.cn/docs/api/chat-completions-post',
      read: '2026-11-27',
    },
    {
      title: '创建对话请求(Anthropic)',
      url: 'https://docs.siliconflow.cn/cn/docs/api/messages-post',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: siliconflow',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/siliconflow/provider.toml',
      read: '2026-11-27',
    },
    { title: 'SiliconFlow Ranker', url: 'https://milvus.io/docs/siliconflow-ranker.md', read: '2026-11-27' },
  ],
})
