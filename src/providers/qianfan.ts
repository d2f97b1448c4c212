/** Baidu Qianfan: ERNIE and other models. Calls can be billed to one of several applications. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const qianfan = openaiProvider({
  id: 'qianfan',
  title: 'Baidu Qianfan',
  env: ['QIANFAN_API_KEY'],
  address: 'https://qianfan.baidubce.com',
  version: '/v2',
  speaks: {
    'openai-chat': { verified: true },
  },
  embeddings: { verified: false },
  rerank: { verified: true },
  headerFields: { app_id: { header: 'appid', about: 'Application that is billed, sent as appid.' } },
  keyUrl: 'https://console.bce.baidu.com/qianfan/ais/console/apiKey',
  docs: [
    { title: 'OpenAI SDK兼容介绍', url: 'https://cloud.baidu.com/doc/qianfan/s/Hmh4suq26', read: '2026-11-27' },
    { title: '快速开始-模型服务调用', url: 'https://cloud.baidu.com/doc/qianfan/s/rmh4stn9m', read: '2026-11-27' },
    { title: '重排序', url: 'https://cloud.baidu.com/doc/qianfan-api/s/2m7u4zt74', read: '2026-11-27' },
  ],
})
