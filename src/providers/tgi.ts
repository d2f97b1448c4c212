/**
 * Hugging Face's Text Generation Inference, on a machine of one's own or as an Inference Endpoint, which wants a token: OpenAI's protocols
 * below `/v1` ("Messages API", huggingface.co/docs/text-generation-inference/messages_api, read 2026-11). It serves one model,
 * whatever the request calls it.
 */
import { z } from 'zod'
import { basePath, baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'Text Generation Inference'

export const tgi = defineProvider({
  id: 'tgi',
  title,
  config: z.strictObject({
    base_url: baseUrlField.describe('Address of the server or endpoint, with or without `/v1`.'),
  }),
  docs: [
    {
      title: 'Messages API',
      url: 'https://huggingface.co/docs/text-generation-inference/messages_api',
      read: '2026-11-27',
    },
  ],
  env: [],
  offers: [
    {
      operation: 'chat',
      dialect: 'openai-chat',
      verified: true,
      path: () => '/chat/completions',
      // Chat templates of open models know no `developer`.
      traits: () => ({ developerRole: false }),
    },
    { operation: 'chat', dialect: 'openai-completions', path: () => '/completions' },
  ],
  keyless: true,
  baseUrl: ({ base_url: base }) => (basePath(base).endsWith('/v1') ? base : `${base}/v1`),
  sign: (outbound, _config, credential) =>
    credential === undefined
      ? outbound
      : withHeaders(outbound, { authorization: `Bearer ${requireCredential(credential, title)}` }),
  modelsPath: '/models',
})
