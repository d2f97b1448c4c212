/**
 * Snowflake Cortex: all its models in OpenAI's protocol, Claude in Anthropic's too ("Cortex REST API",
 * docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api, read 2026-11). Called with a programmatic access token; other kinds
 * of tokens want their kind in `x-snowflake-authorization-token-type`, which `headers` can set.
 */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import type { ProviderConfig } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'Snowflake Cortex'
const root = '/api/v2/cortex/v1'
const messages = `${root}/messages`

interface SnowflakeConfig extends ProviderConfig {
  readonly account?: string | undefined
}

export const snowflake = defineProvider<SnowflakeConfig>({
  id: 'snowflake',
  title,
  config: z
    .strictObject({
      base_url: baseUrlField
        .optional()
        .describe("Address of the account, such as a private one; the API's path is added."),
      account: z
        .string()
        .regex(/^[A-Za-z0-9_.-]+$/, { error: 'is not the identifier of an account, such as myorg-myaccount' })
        .optional()
        .describe('Identifier of the account, such as `myorg-myaccount`.'),
    })
    .superRefine(({ base_url: base, account }, context) => {
      if (base === undefined && account === undefined)
        context.addIssue({
          code: 'custom',
          path: ['account'],
          message: 'must be set, here or by SNOWFLAKE_ACCOUNT in the environment',
        })
    }),
  docs: [
    {
      title: 'Cortex REST API',
      url: 'https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api',
      read: '2026-11-27',
    },
  ],
  env: [],
  fieldEnv: [{ account: ['SNOWFLAKE_ACCOUNT'] }],
  offers: [
    { operation: 'chat', dialect: 'openai-chat', verified: true, path: () => `${root}/chat/completions` },
    {
      operation: 'chat',
      dialect: 'anthropic-messages',
      verified: true,
      serves: (model) => model.startsWith('claude-'),
      path: () => messages,
    },
  ],
  // Underscores of an identifier are dashes in a host name.
  baseUrl: ({ base_url: base, account = '' }) =>
    (base ?? `https://${account.toLowerCase().replaceAll('_', '-')}.snowflakecomputing.com`).replace(
      new RegExp(`${root}$`),
      '',
    ),
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, {
      authorization: `Bearer ${requireCredential(credential, title)}`,
      ...(outbound.path.includes(messages) && {
        'anthropic-version': outbound.headers['anthropic-version'] ?? '2023-06-01',
      }),
    }),
})
