/** Any server that speaks Anthropic's Messages protocol at an address of its own: other vendors' Claude endpoints, other gateways. */
import { z } from 'zod'
import { basePath, baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'the Anthropic-compatible server'

export const anthropicCompatible = defineProvider({
  id: 'anthropic-compatible',
  title: 'Anthropic-compatible server',
  config: z.strictObject({
    /** As for Anthropic's own SDKs: with or without `/v1`, which is added where it is missing, below any other path. */
    base_url: baseUrlField,
    auth: z
      .enum(['x-api-key', 'bearer', 'none'])
      .default('x-api-key')
      .describe('Header the key goes into: `x-api-key`, `authorization: Bearer`, or none at all.'),
  }),
  env: [],
  offers: [
    { operation: 'chat', dialect: 'anthropic-messages', path: () => '/messages' },
    { operation: 'count-tokens', dialect: 'anthropic-count-tokens', path: () => '/messages/count_tokens' },
  ],
  keyless: true,
  baseUrl: ({ base_url: base }) => (basePath(base).endsWith('/v1') ? base : `${base}/v1`),
  sign(outbound, { auth }, credential) {
    const versioned = withHeaders(outbound, {
      'anthropic-version': outbound.headers['anthropic-version'] ?? '2023-06-01',
    })
    if (credential === undefined || auth === 'none') return versioned
    const key = requireCredential(credential, title)
    return withHeaders(versioned, auth === 'bearer' ? { authorization: `Bearer ${key}` } : { 'x-api-key': key })
  },
  modelsPath: '/models?limit=1000',
})
