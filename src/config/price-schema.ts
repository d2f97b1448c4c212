/** How prices are written: US dollars per million tokens, each dimension by its name, with tiers for long contexts. */
import { z } from 'zod'
import type { PriceSheet, TieredRate } from '../model/price.ts'
import { integer, usd, usdPerCall } from './scalars.ts'

const tieredRate = z
  .union(
    [
      usd,
      z.strictObject({
        base: usd.describe('Up to the first tier.'),
        tiers: z
          .array(
            z.strictObject({
              above: integer(1).describe('Input tokens from which on the whole request is charged at this rate.'),
              rate: usd.describe('US dollars per million.'),
            }),
          )
          .min(1)
          .describe('Rates of long requests, ascending.'),
      }),
    ],
    { error: () => 'expected US dollars per million, or `{ base, tiers }`' },
  )
  .transform((value, context): TieredRate => {
    if (typeof value === 'number') return { base: value }
    const unordered = value.tiers.findIndex(
      (tier, index) => index > 0 && tier.above <= (value.tiers[index - 1]?.above ?? 0),
    )
    if (unordered >= 0) {
      context.issues.push({
        code: 'custom',
        message: 'must be above the tier before it',
        input: value,
        path: ['tiers', unordered, 'above'],
      })
      return z.NEVER
    }
    return value
  })
  .meta({
    id: 'rate',
    description: 'US dollars per million tokens: `2.5`, or `{ base: 1.25, tiers: [{ above: 200000, rate: 2.5 }] }`.',
  })

export const priceSchema = z
  .strictObject({
    input: tieredRate.optional().describe('Input tokens.'),
    output: tieredRate.optional().describe('Output tokens.'),
    cache_read: tieredRate
      .optional()
      .describe("Input tokens read from the provider's prompt cache; `input` if not given."),
    cache_write: tieredRate.optional().describe("Input tokens written to the provider's prompt cache."),
    cache_write_1h: tieredRate.optional().describe('The same, kept for an hour.'),
    reasoning: tieredRate.optional().describe('Reasoning tokens; `output` if not given.'),
    input_audio: tieredRate.optional().describe('Audio tokens sent.'),
    output_audio: tieredRate.optional().describe('Audio tokens received.'),
    input_image: tieredRate.optional().describe('Image tokens sent.'),
    output_image: tieredRate.optional().describe('Image tokens received.'),
    request: usd.optional().describe('US dollars per request, whatever its size.'),
    units: z
      .record(z.string(), usdPerCall)
      .optional()
      .describe('US dollars for one of what is not tokens, by its name in the usage: `{ searches: 0.002 }`.'),
    server_tools: z
      .record(z.string(), usdPerCall)
      .optional()
      .describe(
        'US dollars per call of a tool that the provider runs, by its name in the usage: `{ web_search_requests: 0.01 }`.',
      ),
  })
  .refine((sheet) => Object.keys(sheet).length > 0, { error: 'names no price' })
  .meta({ id: 'prices', description: 'Prices. What is not named is unknown, never free.' })

export type PriceInput = z.output<typeof priceSchema>

/** `source` tells people where the price is from. */
export function toPriceSheet(input: PriceInput, source: string): PriceSheet {
  const sheet = {
    source,
    input: input.input,
    output: input.output,
    cacheRead: input.cache_read,
    cacheWrite: input.cache_write,
    cacheWrite1h: input.cache_write_1h,
    reasoning: input.reasoning,
    inputAudio: input.input_audio,
    outputAudio: input.output_audio,
    inputImage: input.input_image,
    outputImage: input.output_image,
    request: input.request,
    units: input.units,
    serverTools: input.server_tools,
  }
  return Object.fromEntries(Object.entries(sheet).filter(([, value]) => value !== undefined)) as unknown as PriceSheet
}
