/** What the configuration says of one key. */
import { z } from 'zod'
import { residency } from './region-fields.ts'
import { filled, flag, integer, moment, oneOrMore, rateLimit, size, usd } from './scalars.ts'

export const onUnsupported = z.enum(['drop', 'warn', 'refuse'])

const budget = z.strictObject({
  usd: usd.describe('What may be spent in the period.'),
  per: z.enum(['day', 'month', 'total']).describe('The period, by the calendar in UTC; `total` for ever.'),
})

/** What one key may upload. */
const keyFiles = z.strictObject({
  max_file_size: size.optional().describe('As `files.max_file_size`, for this key.'),
  max_files: integer(0).optional().describe('As `files.max_files`, for this key. `0`: it may not upload any.'),
  max_bytes: size.optional().describe('As `files.max_bytes`, for this key.'),
  purposes: z
    .array(z.enum(['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals']))
    .optional()
    .describe('What it may upload files for. If not given, anything.'),
})

export const key = z.strictObject({
  name: z
    .string()
    .regex(/^[^\p{Cc}]{1,128}$/u, { error: 'must have 1 to 128 characters' })
    .describe('Name of the key, in records and metrics.'),
  secret: filled
    .refine((secret) => /^[\x21-\x7e]+$/.test(secret), {
      error: 'must be printable ASCII without spaces, as it travels in a header',
    })
    .describe('What clients send. Best from the environment: `"${CI_KEY}"`.'),
  models: z
    .array(filled)
    .min(1, { error: 'must name at least one model; `["*"]` allows all' })
    .default(['*'])
    .describe('What it may use: names or globs of models, aliases, routers and `provider/model`.'),
  limits: z
    .strictObject({
      requests: oneOrMore(rateLimit).optional().describe('Requests per period; one limit or several.'),
      tokens: oneOrMore(rateLimit).optional().describe('Input and output tokens per period; one limit or several.'),
    })
    .prefault({})
    .describe('How much it may ask for.'),
  budget: oneOrMore(budget).optional().describe('How much it may spend; one budget or several.'),
  files: keyFiles.prefault({}).describe('What it may upload, where that is not what everybody may.'),
  residency: residency.describe('As `residency`, for this key; both have to be kept.'),
  metadata: z
    .record(filled, z.string())
    .optional()
    .describe('What routers may choose by: `{ tier: gold }`, which conditions know as `key.metadata.tier`.'),
  admin: flag
    .prefault(false)
    .describe(
      'Whether it may [manage the gateway](management.md): read health and circuits of all deployments, open and close circuits, explain and replay routes.',
    ),
  inline_routers: flag
    .prefault(false)
    .describe('Whether its requests may bring [a `router` of their own](routing.md#a-router-in-the-request).'),
  expires: moment.optional().describe('From then on the key is refused.'),
  on_unsupported: onUnsupported
    .optional()
    .describe('As `translation.on_unsupported`, for this key; comes before what a model or router says.'),
})
