/** Tencent Hunyuan. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const hunyuan = openaiProvider({
  id: 'hunyuan',
  title: 'Tencent Hunyuan',
  env: ['HUNYUAN_API_KEY'],
  address: 'https://api.hunyuan.cloud.tencent.com',
  speaks: {
    'openai-chat': { verified: true },
  },
  embeddings: { verified: false },
  keyUrl: 'https://console.cloud.tencent.com/hunyuan/api-key',
  docs: [
    {
      title: '混元 OpenAI 兼容接口相关调用示例',
      url: 'https://cloud.tencent.com/document/product/1729/111007',
      read: '2026-11-27',
    },
    {
      title: 'sure-ai-hunyuan',
      url: 'https://mvnrepository.com/artifact/io.github.tasure/sure-ai-hunyuan',
      read: '2026-11-27',
    },
  ],
})
