/** What every provider's entry may hold, beside the fields that its driver's own schema adds. */
import { z } from 'zod'
import { credentialPattern, unlikeCredential } from '../kernel/signature.ts'
import type { Provider } from '../kernel/provider.ts'
import { concurrencyFields } from './concurrency-fields.ts'
import { priceSchema } from './price-schema.ts'
import { filled, flag, integer, oneOrMore, positiveDuration, usd } from './scalars.ts'
import { traitsSchema } from './traits-schema.ts'

/** Set by the gateway for every request; a configured value could only break it. */
const reservedHeaders = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
])

const headers = z.record(
  z
    .string()
    .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, { error: 'is not a header name' })
    .refine((name) => !reservedHeaders.has(name.toLowerCase()), { error: 'is set by the gateway itself' }),
  z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, { error: 'must be one line of characters that a header can carry' }),
)

/** A line break behind it is of the file that it was read from. */
const credential = z
  .string()
  .trim()
  .min(1, { error: 'must not be empty', abort: true })
  .regex(credentialPattern, { error: unlikeCredential })

const passPattern = z.string().regex(/^(?:(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) )?\/[^\s?#]*$/, {
  error: 'must be a path such as `/v1/files*`, or a method and a path, `GET /v1/files*`',
})

const providerModel = z.strictObject({
  max_output: integer(1).optional().describe('The most tokens one answer can have.'),
  context_window: integer(1)
    .optional()
    .describe('Tokens that request and answer can have together, where the catalog does not know.'),
  ...concurrencyFields,
  region: filled.optional().describe('As `region` of the provider, for this model.'),
  prices: priceSchema.optional().describe('Prices of this model at this provider.'),
  protocol: filled.optional().describe("As the provider's `protocol`, for this model."),
  supports: traitsSchema
    .optional()
    .describe("What this model can take, where that differs from the provider's others."),
})

export const providerFields = z.strictObject({
  use: z.string().optional().describe("The driver. The entry's own name if not given."),
  ...concurrencyFields,
  credentials: oneOrMore(credential)
    .optional()
    .describe(
      'One key or a list of keys to call it with, taken in turn; one that is refused or limited is left alone until it may be asked again. ' +
        "If not given, and `base_url` is the driver's own, the driver's usual environment variable.",
    ),
  models: z
    .union([z.array(filled), z.record(filled, providerModel.nullable())], {
      error: () => 'expected a list of model names, or a map from model names to their settings',
    })
    .optional()
    .describe(
      'The models it has: a list of names, or a map from names to `{ max_output, max_concurrent, prices, … }`.',
    ),
  discover: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe(
      'Whether it is asked which models it has, at the start and every ten minutes, where `models` does not list them. `auto`: where it is not known otherwise.',
    ),
  region: filled
    .optional()
    .describe(
      'Where its requests are processed: `eu-central-1`, `westeurope`, `eu`. Services that are asked in a region of the configuration are there.',
    ),
  headers: headers.optional().describe('Headers to send with every request.'),
  stream_usage: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe(
      "Whether to ask for usage in streams on the gateway's own account. `auto`: where the service is known to accept it.",
    ),
  timeouts: z
    .strictObject({
      connect: positiveDuration.optional().describe('As `timeouts.connect`, for this provider.'),
      first_byte: positiveDuration.optional().describe('As `timeouts.first_byte`, for this provider.'),
      stall: positiveDuration.optional().describe('As `timeouts.stall`, for this provider.'),
    })
    .prefault({})
    .describe('Time limits that differ from the general ones.'),
  protocol: filled
    .optional()
    .describe(
      'Of the protocols that the provider speaks, the one that requests of other protocols are translated to: the id of a dialect. The first of the driver if not given.',
    ),
  supports: traitsSchema.optional().describe('What its models can take, where that differs from what is usual.'),
  prices: priceSchema.optional().describe('Prices of all its models that have none of their own here.'),
  pass_through: z
    .strictObject({
      enabled: flag
        .prefault(false)
        .describe('Whether clients may use any path of the service, signed with the credentials configured here.'),
      paths: z
        .array(passPattern)
        .min(1, { error: 'must name at least one path; leave it out for all' })
        .optional()
        .describe(
          'The paths that pass: as the service writes them, `*` for any characters, perhaps with a method before: `["GET /v1/files*", "/v1/chat/completions"]`. All if not given.',
        ),
      price: z
        .strictObject({ request: usd.describe('US dollars per request.') })
        .optional()
        .describe(
          'What a request costs that cannot be priced by its model. Without it, keys with a budget may send no such request.',
        ),
    })
    .prefault({})
    .describe("The service's own paths, for clients that need more of it than models."),
})

export type ProviderFields = z.output<typeof providerFields>

/** The driver's own schema; strict, so that a misspelt field is not taken for an absent one. */
export function driverFields(driver: Provider): z.ZodType {
  return driver.config instanceof z.ZodObject ? driver.config.strict() : driver.config
}

/** Names of the driver's own fields. */
export function driverFieldNames(driver: Provider): string[] {
  return driver.config instanceof z.ZodObject ? Object.keys(driver.config.shape) : []
}
