/** What a server or model can take, in the words of the configuration: `supports`. */
import { z } from 'zod'
import { settings } from '../kernel/traits.ts'
import type { Traits } from '../kernel/traits.ts'
import { transcriptFormats } from '../model/transcription.ts'
import { flag, integer } from './scalars.ts'

export const traitsSchema = z.strictObject({
  tools: z
    .enum(['native', 'emulated', 'none'])
    .optional()
    .describe(
      '`emulated`: tools are described in the prompt. `none`: requests with tools are refused or go elsewhere.',
    ),
  structured_output: z
    .enum(['native', 'tool', 'prompt'])
    .optional()
    .describe(
      'How an answer is held to a JSON schema: by the service, by a tool it must call, or by words in the prompt.',
    ),
  media_urls: z
    .array(z.enum(['image', 'audio', 'video', 'file']))
    .optional()
    .describe('Media whose URLs the service fetches by itself; the gateway fetches others for it.'),
  older_max_tokens: flag
    .optional()
    .describe("Whether it knows the limit of an answer by OpenAI's older name alone, `max_tokens`."),
  max_temperature: z.number().min(0).optional().describe('The highest temperature it takes.'),
  max_stop_sequences: integer(0).optional().describe('How many stop sequences it takes.'),
  developer_role: flag.optional().describe('Whether it knows the role `developer`; otherwise `system` is sent.'),
  system_anywhere: flag.optional().describe('Whether system messages may stand between others.'),
  alternating_roles: flag.optional().describe('Whether user and assistant must take turns.'),
  leave_out: z.array(z.enum(settings)).optional().describe('Settings that it refuses; they are left out and reported.'),
  transcripts: z
    .array(z.enum(transcriptFormats))
    .min(1)
    .optional()
    .describe('Forms of transcripts that it writes, and it streams none; others are made of them.'),
})

export function toTraits(given: z.output<typeof traitsSchema> | undefined): Traits {
  if (given === undefined) return {}
  return {
    ...(given.tools !== undefined && { tools: given.tools }),
    ...(given.structured_output !== undefined && { structuredOutput: given.structured_output }),
    ...(given.media_urls !== undefined && { mediaUrls: given.media_urls }),
    ...(given.older_max_tokens !== undefined && { olderMaxTokens: given.older_max_tokens }),
    ...(given.max_temperature !== undefined && { maxTemperature: given.max_temperature }),
    ...(given.max_stop_sequences !== undefined && { maxStops: given.max_stop_sequences }),
    ...(given.developer_role !== undefined && { developerRole: given.developer_role }),
    ...(given.system_anywhere !== undefined && { systemAnywhere: given.system_anywhere }),
    ...(given.alternating_roles !== undefined && { alternatingRoles: given.alternating_roles }),
    ...(given.leave_out !== undefined && { leaveOut: given.leave_out }),
    ...(given.transcripts !== undefined && { transcripts: given.transcripts }),
  }
}
