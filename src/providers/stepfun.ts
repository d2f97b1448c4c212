/** StepFun. Levels of reasoning are those of OpenAI. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const stepfun = openaiProvider({
  id: 'stepfun',
  title: 'StepFun',
  env: ['STEPFUN_API_KEY'],
  address: { china: 'https://api.stepfun.com', global: 'https://api.stepfun.ai' },
  speaks: {
    'openai-chat': { verified: true },
    'openai-responses': { verified: false },
    'anthropic-messages': { verified: true },
  },
  keyUrl: 'https://platform.stepfun.com/interface-key',
  docs: [
    {
      title: 'Messages API',
      url: 'https://platform.stepfun.ai/docs/en/api-reference/chat/messages-create',
      read: '2026-11-27',
    },
    {
      title: 'Chat Completions API',
      url: 'https://platform.stepfun.com/docs/zh/api-reference/chat/chat-completion-create.md',
      read: '2026-11-27',
    },
    { title: 'Quickstart', url: 'https://platform.stepfun.ai/docs/en/overview/quickstart', read: '2026-11-27' },
    {
      title: 'models.dev: stepfun',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/stepfun/provider.toml',
      read: '2026-11-27',
    },
  ],
})
