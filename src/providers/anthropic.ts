/** Anthropic's own service, as its API overview and model pages describe it (platform.claude.com/docs/en/api/overview). */
import { z } from 'zod'
import { basePath, baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'Anthropic'

/** The version of the API that the `anthropic-messages` dialect speaks; a client's own header is kept. */
const apiVersion = '2023-06-01'

/**
 * The most output tokens by model family, first match wins. Source: the model pages below platform.claude.com/docs/en/models and,
 * for retired models, the model deprecations page; read 2026-11-20.
 */
const maxOutput: readonly (readonly [family: RegExp, tokens: number])[] = [
  [/^claude-3-(opus|haiku)\b/, 4096],
  [/^claude-3-5-/, 8192],
  [/^claude-3-7-sonnet\b/, 64_000],
  [/^claude-opus-4(-0|-1)?(-\d{8})?$/, 32_000],
  [/^claude-sonnet-4(-0)?(-\d{8})?$/, 64_000],
  [/^claude-(opus|sonnet|haiku)-4-5\b/, 64_000],
  [/^claude-(opus|sonnet)-4-[678]\b/, 128_000],
  [/^claude-(fable|opus|sonnet|haiku)-5\b/, 128_000],
]

export const anthropic = defineProvider({
  id: 'anthropic',
  title,
  config: z.strictObject({
    /** With or without `/v1`: it is added where it is missing, as Anthropic's own SDKs do. */
    base_url: baseUrlField.optional(),
  }),
  env: ['ANTHROPIC_API_KEY'],
  offers: [
    { operation: 'chat', dialect: 'anthropic-messages', verified: true, path: () => '/messages' },
    {
      operation: 'count-tokens',
      dialect: 'anthropic-count-tokens',
      verified: true,
      path: () => '/messages/count_tokens',
    },
  ],
  keyUrl: 'https://platform.claude.com/settings/keys',
  keyPrefixes: ['sk-ant-'],
  docs: [{ title: 'API Overview', url: 'https://platform.claude.com/docs/en/api/overview', read: '2026-11-20' }],
  baseUrl: ({ base_url: base = 'https://api.anthropic.com' }) => (basePath(base).endsWith('/v1') ? base : `${base}/v1`),
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, {
      'x-api-key': requireCredential(credential, title),
      'anthropic-version': outbound.headers['anthropic-version'] ?? apiVersion,
    }),
  limits(model) {
    const tokens = maxOutput.find(([family]) => family.test(model))?.[1]
    return tokens === undefined ? {} : { maxOutput: tokens }
  },
  prices: 'anthropic',
  // A page holds 20 models unless asked for more; 1000 is the most.
  modelsPath: '/models?limit=1000',
})
