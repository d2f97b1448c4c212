/** AI21 Labs: the Jamba models. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const ai21 = openaiProvider({
  id: 'ai21',
  title: 'AI21',
  env: ['AI21_API_KEY'],
  address: 'https://api.ai21.com',
  version: '/studio/v1',
  speaks: {
    'openai-chat': { verified: true, traits: { maxTemperature: 2 } },
  },
  keyUrl: 'https://studio.ai21.com/account/api-key',
  docs: [
    { title: 'Chat request (Jamba)', url: 'https://docs.ai21.com/reference/jamba-1-6-api-ref', read: '2026-11-27' },
    {
      title: 'AI21 Labs Jamba models',
      url: 'https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-jamba.html',
      read: '2026-11-27',
    },
  ],
})
