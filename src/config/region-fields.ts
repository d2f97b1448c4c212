/** Where things are, and where requests may be: what the configuration says of it in several places. */
import { z } from 'zod'
import { oneOrMore } from './scalars.ts'

export const region = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/i, { error: 'must be the name of a region: letters, digits and `-`' })
export const residency = oneOrMore(region).optional()

export const regions = z
  .record(
    region,
    z.strictObject({
      area: region.optional().describe('Whose law holds there: `eu`, or a country, such as `uk` or `us`.'),
      at: z
        .tuple([z.number().min(-90).max(90), z.number().min(-180).max(180)], {
          error: () => 'expected `[latitude, longitude]`',
        })
        .optional()
        .describe('Latitude and longitude, in degrees.'),
    }),
  )
  .prefault({})
  .describe('Regions of your own, by name; those of AWS, Azure and Google are known.')
