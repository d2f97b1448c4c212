/** StepFun. Levels of reasoning are those of OpenAI. */
import { openaiProvider } from '../kernel/openai-provider.ts'

export const stepfun = openaiProvider({
  id: 'stepfun',
  title: 'StepFun',
  env: ['STEPFUN_API_KEY'],
  address: 'https://api.stepfun.com',
  messagesAuth: 'bearer',
  speaks: {
    'openai-chat': { verified: false },
    'openai-responses': { verified: false },
    'anthropic-messages': { verified: false },
  },
  keyUrl: 'https://platform.stepfun.com/interface-key',
  docs: [
    {
      title: 'models.dev: stepfun',
      url: 'https://github.com/anomalyco/models.dev/blob/dev/providers/stepfun/provider.toml',
      read: '2026-11-27',
    },
  ],
})
