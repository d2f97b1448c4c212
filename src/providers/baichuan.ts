/** Baichuan. Its temperature ends at 1, its penalty begins at 1, and it lists its models under a name of its own. */
import { openaiProvider } from '../kernel/openai-provider.ts'
import { isJsonObject } from '../model/json.ts'

export const baichuan = openaiProvider({
  id: 'baichuan',
  title: 'Baichuan',
  env: ['BAICHUAN_API_KEY'],
  address: 'https://api.baichuan-ai.com',
  speaks: {
    'openai-chat': { verified: false, traits: { maxTemperature: 1, leaveOut: ['frequency_penalty'] } },
  },
  embeddings: { verified: false },
  models: '/models',
  modelNames: ({ data }) =>
    Array.isArray(data)
      ? data.flatMap((entry) => (isJsonObject(entry) && typeof entry['model'] === 'string' ? [entry['model']] : []))
      : undefined,
  keyUrl: 'https://platform.baichuan-ai.com/console/apikey',
  docs: [
    {
      title: 'Baichuan at Apifox: 接口说明',
      url: 'https://f8cxtsvnr8.apifox.cn/apidoc/project-3794483/doc-3441122',
      read: '2026-11-27',
    },
    {
      title: 'LobeChat: Baichuan',
      url: 'https://github.com/lobehub/lobe-chat/blob/main/src/libs/model-runtime/baichuan/index.ts',
      read: '2026-11-27',
    },
    {
      title: 'langchain_community.embeddings.baichuan',
      url: 'https://reference.langchain.com/v0.3/python/_modules/langchain_community/embeddings/baichuan.html',
      read: '2026-11-27',
    },
  ],
})
