/** Alibaba Cloud Model Studio: Qwen and others. Keys hold for one region; workspaces may have an address of their own. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const dashscope = openaiProvider({
  id: 'dashscope',
  title: 'Alibaba Cloud Model Studio',
  env: ['DASHSCOPE_API_KEY'],
  address: {
    singapore: 'https://dashscope-intl.aliyuncs.com',
    beijing: 'https://dashscope.aliyuncs.com',
    virginia: 'https://dashscope-us.aliyuncs.com',
    hongkong: 'https://cn-hongkong.dashscope.aliyuncs.com',
  },
  version: '/compatible-mode/v1',
  speaks: {
    'openai-chat': {
      verified: true,
      spelling: { reasoning: { switch: 'enable_thinking', budget: 'thinking_budget' } },
    },
    'openai-responses': { verified: true },
    'anthropic-messages': { verified: true, path: '/apps/anthropic/v1/messages' },
  },
  embeddings: { verified: true, maxInputs: 10 },
  keyUrl: 'https://modelstudio.console.alibabacloud.com',
  docs: [
    {
      title: 'OpenAI compatible - Responses',
      url: 'https://help.aliyun.com/en/model-studio/compatibility-with-openai-responses-api',
      read: '2026-11-27',
    },
    {
      title: 'Base URL Overview',
      url: 'https://www.alibabacloud.com/help/en/model-studio/base-url',
      read: '2026-11-27',
    },
    {
      title: 'OpenAI-compatible - Chat',
      url: 'https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope',
      read: '2026-11-27',
    },
    {
      title: 'models.dev: alibaba',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/alibaba/provider.toml',
      read: '2026-11-27',
    },
    {
      title: 'Text embedding: synchronous API',
      url: 'https://www.alibabacloud.com/help/ja/model-studio/text-embedding-synchronous-api',
      read: '2026-11-27',
    },
  ],
})
