/**
 * Cloudflare Workers AI, which speaks OpenAI's protocols below the address of an account ("OpenAI compatible API endpoints",
 * developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility, read 2026-11); Responses only of OpenAI's open models.
 */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import type { ProviderConfig } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'Cloudflare Workers AI'

interface CloudflareConfig extends ProviderConfig {
  readonly account_id?: string | undefined
}

export const cloudflare = defineProvider<CloudflareConfig>({
  id: 'cloudflare',
  title,
  config: z
    .strictObject({
      base_url: baseUrlField
        .optional()
        .describe('Another address, such as `https://gateway.ai.cloudflare.com/v1/ACCOUNT/GATEWAY/workers-ai/v1`.'),
      account_id: z
        .string()
        .regex(/^[0-9a-f]{32}$/i, { error: 'is not the id of an account, which has 32 hexadecimal digits' })
        .optional()
        .describe('Id of the account.'),
    })
    .superRefine(({ base_url: base, account_id: account }, context) => {
      if (base === undefined && account === undefined)
        context.addIssue({
          code: 'custom',
          path: ['account_id'],
          message: 'must be set, here or by CLOUDFLARE_ACCOUNT_ID in the environment',
        })
    }),
  keyUrl: 'https://dash.cloudflare.com/profile/api-tokens',
  docs: [
    {
      title: 'OpenAI compatible API endpoints',
      url: 'https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility',
      read: '2026-11-27',
    },
  ],
  // Tokens to deploy with are in many environments: one of them does not mean that models are wanted.
  env: ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_API_KEY'],
  optIn: true,
  fieldEnv: [{ account_id: ['CLOUDFLARE_ACCOUNT_ID'] }],
  offers: [
    {
      operation: 'chat',
      dialect: 'openai-chat',
      verified: true,
      path: () => '/chat/completions',
      // Chat templates of open models know no `developer`.
      traits: () => ({ developerRole: false }),
    },
    {
      operation: 'chat',
      dialect: 'openai-responses',
      verified: true,
      serves: (model) => model.includes('gpt-oss'),
      path: () => '/responses',
    },
    { operation: 'embed', dialect: 'openai-embeddings', verified: true, path: () => '/embeddings' },
  ],
  baseUrl: ({ base_url: base, account_id: account = '' }) =>
    base ?? `https://api.cloudflare.com/client/v4/accounts/${account}/ai/v1`,
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, { authorization: `Bearer ${requireCredential(credential, title)}` }),
  prices: 'cloudflare',
})
