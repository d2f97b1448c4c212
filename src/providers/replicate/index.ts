/**
 * Replicate, whose language models are run as predictions: official models by their names, others by a version or by a deployment of one's
 * own. The gateway holds the several calls together that one answer takes.
 */
import { z } from 'zod'
import { baseUrlField } from '../../kernel/base-url.ts'
import { defineProvider } from '../../kernel/provider.ts'
import type { Offer } from '../../kernel/provider.ts'
import { requireCredential, withHeaders } from '../../kernel/signature.ts'
import { isVersion, predictionsPath } from './addresses.ts'
import { replicateTransport } from './transport.ts'

const title = 'Replicate'

const versioned: Offer['body'] = ({ model }) => ({ version: isVersion(model) ? model : undefined })

export const replicate = defineProvider({
  id: 'replicate',
  title,
  config: z.strictObject({
    base_url: baseUrlField
      .optional()
      .describe(
        'Address of the service, without the version, which is added. `https://api.replicate.com` if not given.',
      ),
  }),
  env: ['REPLICATE_API_TOKEN'],
  offers: [
    {
      operation: 'chat',
      dialect: 'replicate-predictions',
      verified: true,
      path: predictionsPath,
      body: versioned,
    },
    ...(
      [
        ['image', 'replicate-images', true],
        // What models call the pictures that they work on is known of a few alone.
        ['edit-image', 'replicate-image-edits', false],
      ] as const
    ).map(([operation, dialect, verified]): Offer => ({
      operation,
      dialect,
      verified,
      path: predictionsPath,
      body: versioned,
      maxInputs: 1,
    })),
  ],
  keyUrl: 'https://replicate.com/account/api-tokens',
  docs: [
    { title: 'HTTP API', url: 'https://replicate.com/docs/reference/http', read: '2026-11-27' },
    {
      title: 'Create a prediction',
      url: 'https://replicate.com/docs/topics/predictions/create-a-prediction',
      read: '2026-11-27',
    },
    { title: 'Streaming output', url: 'https://replicate.com/docs/topics/predictions/streaming', read: '2026-11-27' },
  ],
  baseUrl: ({ base_url: base = 'https://api.replicate.com' }) => base,
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, { authorization: `Bearer ${requireCredential(credential, title)}` }),
  transport: (_config, context) => replicateTransport(context),
})
