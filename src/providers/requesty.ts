/** Requesty: the models of many providers behind one address. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const requesty = openaiProvider({
  id: 'requesty',
  title: 'Requesty',
  env: ['REQUESTY_API_KEY'],
  address: 'https://router.requesty.ai',
  speaks: {
    'openai-chat': { verified: true },
  },
  headerFields: {
    site_url: { header: 'http-referer', about: 'Address of your site, sent as HTTP-Referer.' },
    app_name: { header: 'x-title', about: 'Name of your application, sent as X-Title.' },
  },
  models: '/models',
  keyUrl: 'https://app.requesty.ai/api-keys',
  docs: [
    {
      title: 'Create chat completion',
      url: 'https://docs.requesty.ai/api-reference/endpoint/chat-completions-create',
      read: '2026-11-27',
    },
    { title: 'Requesty: Full Documentation', url: 'https://docs.requesty.ai/llms-full.txt', read: '2026-11-27' },
    {
      title: 'models.dev: requesty',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/requesty/provider.toml',
      read: '2026-11-27',
    },
  ],
})
