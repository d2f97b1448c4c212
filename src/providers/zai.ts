/** Z.ai, which was Zhipu: the GLM models. Reasoning has a switch. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const zai = openaiProvider({
  id: 'zai',
  title: 'Z.ai',
  env: ['ZAI_API_KEY', 'ZHIPU_API_KEY'],
  address: { global: 'https://api.z.ai', china: 'https://open.bigmodel.cn' },
  version: '/api/paas/v4',
  speaks: {
    'openai-chat': { verified: true, spelling: { reasoning: { switch: 'thinking.type' } } },
    'anthropic-messages': { verified: false, path: '/api/anthropic/v1/messages' },
  },
  embeddings: { verified: true, maxInputs: 64 },
  prices: 'zai',
  keyUrl: 'https://z.ai/manage-apikey/apikey-list',
  docs: [
    { title: 'Introduction', url: 'https://docs.z.ai/api-reference/introduction', read: '2026-11-27' },
    { title: 'HTTP API Calls', url: 'https://docs.z.ai/guides/develop/http/introduction', read: '2026-11-27' },
    {
      title: 'Z.ai (GLM) API compatibility',
      url: 'https://www.developersdigest.tech/reference/api-compatibility/zai',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: zai',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/zai/provider.toml',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: zhipuai',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/zhipuai/provider.toml',
      read: '2026-11-27',
    },
    { title: '文本嵌入', url: 'https://docs.bigmodel.cn/api-reference/模型-api/文本嵌入', read: '2026-11-27' },
  ],
})
